// What the tagger says: how saving stands, what needs the person, what to do next.
import { capOf } from "../keys/keys.js";
import { count } from "../elements/elements.js";

const STATUS_NAMES = {
  untouched: "Not started",
  "in progress": "In progress",
  done: "Done",
  skipped: "Skipped",
};
// Of longer selections the beginning and the end are said, this many characters each.
const HEARD = 60;
const TROUBLES = { offline: "Offline", busy: "Server busy" };
const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const STUCK = {
  conflict: "Not saved: two versions",
  denied: "Not saved: reload the page",
  rejected: "Not saved: see below",
};

/** Return the icon and the words of the save line. */
export function describeSaving({ waiting, halted, loose, trouble, savedAt }, lane) {
  const kept = loose
    ? "not kept on this computer: stay on this page until saved"
    : `${count(waiting, "change")} kept`;
  if (halted.includes(lane)) return ["alert", STUCK[lane.halt.kind]];
  if (waiting && trouble) return ["offline", `${TROUBLES[trouble]}, ${kept}`];
  if (halted.length && !waiting) {
    return ["alert", `${count(halted.flatMap(({ entries }) => entries).length, "change")} not saved`];
  }
  if (waiting) return ["untouched", loose ? `Saving… ${kept}` : "Saving…"];
  return savedAt ? ["done", `Saved ${CLOCK.format(savedAt)}`] : ["done", ""];
}

/** Return what is wrong with edits that wait for the person, and the choices, or null. */
export function describeTrouble({ halted }, lane, act) {
  const stuck = halted.includes(lane) ? lane : halted[0];
  return stuck ? { about: stuck.key, ...describeHalt(stuck, lane, act) } : null;
}

function describeHalt(stuck, lane, act) {
  const { kind, error } = stuck.halt;
  const edits = count(stuck.entries.length, "change");
  const discard = [`Discard ${edits}`, () => act.discard(stuck)];
  if (kind === "conflict" && stuck !== lane) {
    // Another token: another project, or another person's name.
    const near = stuck.scope === lane.scope;
    const open = ["Open it", () => act.open(stuck.document)];
    const text = `${edits} to another document could not be saved: it was changed elsewhere.`;
    return { text, choices: near ? [open, discard] : [discard] };
  }
  if (kind === "conflict") {
    const text = `${edits} wait: this document was changed in another tab or by someone else.`;
    return act.compare ? { text, choices: [["Compare and choose", act.compare]] } : {};
  }
  if (kind === "denied" && stuck === lane) {
    const reload = ["Reload the page", () => location.reload()];
    return { text: `${error} Until then ${edits} wait on this computer.`, choices: [reload] };
  }
  const theirs = `${edits} from an earlier visit belong to another Whetstone.`;
  const text = kind === "denied" ? theirs : `${edits} could not be saved. ${error}`;
  return { text, choices: [discard] };
}

/** Return the line under the text: what can be done with what is selected, and by which key;
 *  `likeliest` is the label that selected words would have. */
export function describeHint(selection, sticky, likeliest, { keys }, labels, leaves = false) {
  const cap = (name) => keys.get(name).map(capOf)[0] ?? "";
  const told = (names, what) => names.every(cap) && `${names.map(cap).join(" ")} ${what}`;
  const line = (...parts) => parts.filter(Boolean).join(" · ");
  const clears = (what) => told(["clear"], leaves ? "goes back to the list" : what);
  if (selection.span) {
    const ends = told(["startBack", "startOn", "endBack", "endOn"], "move the ends");
    return line("A digit relabels", told(["remove"], "deletes"), ends, leaves && clears());
  }
  if (selection.suggestion) {
    const decided = [told(["accept"], "accepts"), told(["reject"], "rejects")];
    return line(...decided, "a digit accepts it with that label");
  }
  if (!labels.length) return "Drag over words or double-click one, then choose “Make a label”";
  const finds = told(["palette"], "finds a label");
  const likely = likeliest && told(["accept"], `labels it ${likeliest}`);
  if (selection.range) return line(likely, "Press a digit or choose a label", finds, clears("clears"));
  if (sticky) return line(`Drag over words to label them ${sticky}`, clears("puts the label down"));
  const jumps = told(["nextMention"], "jumps to the next likely mention");
  return line("Drag over words or double-click one, then press a digit", jumps);
}

/** Return what a screen reader says of a document that opens. */
export function describePlace({ document, queue, marks_whole: whole }, { status, spans }) {
  const spoken = spans.size ? `, ${count(spans.size, whole ? "label" : "span")}` : "";
  const stands = nameStatus(status, spans, whole);
  return `${document.name}, ${queue.index + 1} of ${queue.total}, ${stands}${spoken}`;
}

/** Return what a screen reader says of words that are selected. */
export function describeWords(quote) {
  const signs = [...quote];
  const long = signs.length > 2 * HEARD;
  const ends = [signs.slice(0, HEARD), signs.slice(-HEARD)].map((part) => part.join(""));
  return `${long ? ends.join(" … ") : quote}, selected`;
}

/** Return the name of a status; a document without marks is done in a way of its own. */
export function nameStatus(status, spans, whole = false) {
  if (status !== "done" || spans.size) return STATUS_NAMES[status];
  return whole ? "Done, none of these" : "Done, no entities";
}
