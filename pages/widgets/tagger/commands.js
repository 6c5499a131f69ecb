// The commands of the tagger: the table that Settings reads too, and what each one does.
import TABLE from "./commands.json" with { type: "json" };

const ACTS = {
  nextToken: (desk) => desk.selection.step(1),
  lastToken: (desk) => desk.selection.step(-1),
  grow: (desk) => desk.selection.stretch(1),
  shrink: (desk) => desk.selection.stretch(-1),
  nextSpan: (desk) => desk.walk(1),
  lastSpan: (desk) => desk.walk(-1),
  palette: (desk) => desk.palette.open(),
  remove: (desk) => desk.marker.remove(),
  startBack: (desk) => desk.marker.nudge("start", -1),
  startOn: (desk) => desk.marker.nudge("start", 1),
  endBack: (desk) => desk.marker.nudge("end", -1),
  endOn: (desk) => desk.marker.nudge("end", 1),
  startBackSign: (desk) => desk.marker.creep("start", -1),
  startOnSign: (desk) => desk.marker.creep("start", 1),
  endBackSign: (desk) => desk.marker.creep("end", -1),
  endOnSign: (desk) => desk.marker.creep("end", 1),
  clear: (desk) => desk.clear(),
  undo: (desk) => desk.history.take("undo"),
  redo: (desk) => desk.history.take("redo"),
  nextMention: (desk) => desk.mentions.next(),
  nextSuspect: (desk) => desk.review.nextSuspect(),
  accept: (desk) => desk.review.accept(),
  reject: (desk) => desk.review.reject(),
  acceptAll: (desk) => desk.review.acceptAll(),
  repeat: (desk) => desk.repeats.here(),
  preview: (desk) => desk.repeats.everywhere(),
  flag: (desk) => desk.notes.flag(),
  comment: (desk) => desk.notes.open(),
  guide: (desk) => desk.guide.toggle(),
  done: (desk) => desk.finish("done"),
  skip: (desk) => desk.skip(),
  previous: (desk) => desk.page(-1),
  next: (desk) => desk.page(1),
  help: (desk) => desk.help.togglePopover(),
};
// What only a button asks for.
const BUTTONS = [{ name: "agree", keys: [], run: (desk) => desk.marker.agree() }];

const all = [...TABLE.map((row) => ({ ...row, run: ACTS[row.name] })), ...BUTTONS];

/** Every command by name: keys, help, run(desk), and whether it walks (moves the selection
 *  along the text), repeats (while its key is held down) and pages (may be done while the
 *  next document is on its way). */
export const COMMANDS = new Map(all.map((command) => [command.name, command]));
