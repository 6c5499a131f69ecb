// The commands of the tagger: the table that Settings reads too, and what each one does.
import TABLE from "./commands.json" with { type: "json" };

const ACTS = {
  nextToken: (editor) => editor.selection.step(1),
  lastToken: (editor) => editor.selection.step(-1),
  grow: (editor) => editor.selection.stretch(1),
  shrink: (editor) => editor.selection.stretch(-1),
  nextSpan: (editor) => editor.walk(1),
  lastSpan: (editor) => editor.walk(-1),
  palette: (editor) => editor.palette.open(),
  remove: (editor) => editor.marker.remove(),
  startBack: (editor) => editor.marker.nudge("start", -1),
  startOn: (editor) => editor.marker.nudge("start", 1),
  endBack: (editor) => editor.marker.nudge("end", -1),
  endOn: (editor) => editor.marker.nudge("end", 1),
  startBackSign: (editor) => editor.marker.creep("start", -1),
  startOnSign: (editor) => editor.marker.creep("start", 1),
  endBackSign: (editor) => editor.marker.creep("end", -1),
  endOnSign: (editor) => editor.marker.creep("end", 1),
  clear: (editor) => editor.clear(),
  undo: (editor) => editor.history.take("undo"),
  redo: (editor) => editor.history.take("redo"),
  nextMention: (editor) => editor.mentions.next(),
  nextSuspect: (editor) => editor.review.nextSuspect(),
  accept: (editor) => editor.review.accept(),
  reject: (editor) => editor.review.reject(),
  acceptAll: (editor) => editor.review.acceptAll(),
  repeat: (editor) => editor.repeats.here(),
  preview: (editor) => editor.repeats.everywhere(),
  flag: (editor) => editor.notes.flag(),
  comment: (editor) => editor.notes.open(),
  guide: (editor) => editor.guide.toggle(),
  done: (editor) => editor.finish("done"),
  skip: (editor) => editor.skip(),
  previous: (editor) => editor.page(-1),
  next: (editor) => editor.page(1),
  help: (editor) => editor.help.togglePopover(),
};
// What only a button asks for.
const BUTTONS = [{ name: "agree", keys: [], run: (editor) => editor.marker.agree() }];

// Others belong to the walk through a list.
const own = TABLE.filter(({ room }) => !room);
const all = [...own.map((row) => ({ ...row, run: ACTS[row.name] })), ...BUTTONS];

/** Every command by name: keys, help, run(editor), and whether it walks (moves the selection
 *  along the text), repeats (while its key is held down) and pages (may be done while the
 *  next document is on its way). */
export const COMMANDS = new Map(all.map((command) => [command.name, command]));
