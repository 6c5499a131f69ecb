// The commands of the tagger: the table that Settings reads too, and what each one does.
import TABLE from "./commands.json" with { type: "json" };

// Wherever documents are labelled.
const EVERYWHERE = {
  palette: (editor) => editor.palette.open(),
  clear: (editor) => editor.clear(),
  undo: (editor) => editor.history.take("undo"),
  redo: (editor) => editor.history.take("redo"),
  flag: (editor) => editor.notes.flag(),
  comment: (editor) => editor.notes.open(),
  talk: (editor) => editor.talk.toggle(),
  guide: (editor) => editor.guide.toggle(),
  example: (editor) => editor.example.open(),
  done: (editor) => editor.finish("done"),
  skip: (editor) => editor.skip(),
  previous: (editor) => editor.page(-1),
  next: (editor) => editor.page(1),
  showChanged: (editor) => editor.fresh.show(),
  help: (editor) => editor.help.togglePopover(),
};
// Where parts of a text are.
const ON_SPANS = {
  nextToken: (editor) => editor.selection.step(1),
  lastToken: (editor) => editor.selection.step(-1),
  grow: (editor) => editor.selection.stretch(1),
  shrink: (editor) => editor.selection.stretch(-1),
  nextSpan: (editor) => editor.walk(1),
  lastSpan: (editor) => editor.walk(-1),
  remove: (editor) => editor.marker.remove(),
  startBack: (editor) => editor.marker.nudge("start", -1),
  startOn: (editor) => editor.marker.nudge("start", 1),
  endBack: (editor) => editor.marker.nudge("end", -1),
  endOn: (editor) => editor.marker.nudge("end", 1),
  startBackSign: (editor) => editor.marker.creep("start", -1),
  startOnSign: (editor) => editor.marker.creep("start", 1),
  endBackSign: (editor) => editor.marker.creep("end", -1),
  endOnSign: (editor) => editor.marker.creep("end", 1),
  nextMention: (editor) => editor.mentions.next(),
  nextSuspect: (editor) => editor.review.nextSuspect(),
  repeat: (editor) => editor.repeats.here(),
  preview: (editor) => editor.repeats.everywhere(),
  accept: (editor) => editor.review.accept(),
  reject: (editor) => editor.review.reject(),
  acceptAll: (editor) => editor.review.acceptAll(),
};
// Where documents as a whole are.
const ON_DOCUMENTS = {
  guessOne: (editor) => editor.useGuess(0),
  guessTwo: (editor) => editor.useGuess(1),
  guessThree: (editor) => editor.useGuess(2),
  accept: (editor) => editor.accept(),
  none: (editor) => editor.answerNone(),
  unsure: (editor) => editor.answerUnsure(),
  unsureWhy: (editor) => editor.explainUnsure(),
  acceptAll: (editor) => editor.acceptAll(),
  answerAlike: (editor) => editor.alike.answer(),
  showAlike: (editor) => editor.alike.show(),
  quickUndo: (editor) => editor.history.take("undo"),
  candidates: (editor) => editor.showCandidates(),
};
// What only a button asks for.
const BUTTONS = { agree: (editor) => editor.agree() };

/** What the pointer and the digits do, as the help lists it, by the way of labelling. */
export const POINTER = {
  spans: [
    [["1 … 9"], "Label the selection or relabel the span; with neither, choose a label"],
    [["1 … 9", '"'], "In the list of labels: choose a row; after a quotation mark, digits are typed"],
    [["Drag", "Double-click"], "Select whole words; with Alt, exact characters"],
    [["Click"], "Select a span; click again for the one around it"],
  ],
  whole: [
    [["1 … 9"], "Give the label with this digit, or take it back"],
    [["1 … 9", '"'], "In the list of labels: choose a row; after a quotation mark, digits are typed"],
    [["Click"], "On a label: give it, or take it back"],
  ],
};

/** Every command by name, by the way of labelling: keys, help, run(editor), and whether it walks
 *  (moves the selection along the text), repeats (while its key is held down) and pages (may be
 *  done while the next document is on its way). */
export const COMMANDS = {
  spans: commandsOf({ ...EVERYWHERE, ...ON_SPANS }),
  whole: commandsOf({ ...EVERYWHERE, ...ON_DOCUMENTS }),
};

/** Return the commands of a room beside the tagger by name, run by `acts`. */
export function commandsIn(place, acts) {
  const own = TABLE.filter(({ room }) => room === place);
  return new Map(own.map((row) => [row.name, { ...row, run: acts[row.name] }]));
}

function commandsOf(acts) {
  const keyed = TABLE.filter(({ name }) => name in acts);
  const unkeyed = Object.keys(BUTTONS).map((name) => ({ name, keys: [] }));
  const run = { ...acts, ...BUTTONS };
  return new Map([...keyed, ...unkeyed].map((row) => [row.name, { ...row, run: run[row.name] }]));
}
