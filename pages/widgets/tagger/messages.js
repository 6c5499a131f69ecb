// What the tagger says: how saving stands, what needs the person, what to do next.
import { count } from "./parts.js";

const TROUBLES = { offline: "Offline", busy: "Server busy" };
const STUCK = {
  conflict: "Not saved: choose below",
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
  if (waiting) return ["untouched", loose ? `Saving… ${kept}` : "Saving…"];
  return savedAt ? ["done", `Saved ${savedAt.toLocaleTimeString("en-GB")}`] : ["done", ""];
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
    const near = stuck.token === lane.token;
    const open = ["Open it", () => act.open(stuck.document)];
    const text = `${edits} to another document could not be saved: it was changed elsewhere.`;
    return { text, choices: near ? [open, discard] : [discard] };
  }
  if (kind === "conflict") {
    const choices = [["Keep theirs", act.keepTheirs], ["Apply mine on top", act.keepMine]];
    return { text: "This document was changed in another tab or by someone else.", choices };
  }
  if (kind === "denied" && stuck === lane) {
    const reload = ["Reload the page", () => location.reload()];
    return { text: `${error} Until then ${edits} wait on this computer.`, choices: [reload] };
  }
  const theirs = `${edits} from an earlier visit belong to another Whetstone.`;
  const text = kind === "denied" ? theirs : `${edits} could not be saved. ${error}`;
  return { text, choices: [discard] };
}

/** Return the line under the text: a notice, or what can be done with what is selected. */
export function describeHint(selection, sticky) {
  if (selection.span) return "A digit relabels · Backspace deletes · [ ] and { } move the ends";
  if (selection.range) return "Press a digit or choose a label · Esc clears";
  if (sticky) return `Drag over words to label them ${sticky} · Esc puts the label down`;
  return "Drag over words or double-click one, then press a digit";
}
