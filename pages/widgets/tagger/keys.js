// Which key means what. Digits and letters are found on any keyboard layout.

const PLAIN = {
  Enter: "done",
  Backspace: "remove",
  Delete: "remove",
  Escape: "clear",
  ArrowLeft: "previous",
  ArrowRight: "next",
  Tab: "nextSpan",
  "[": "startBack",
  "]": "startOn",
  "{": "endBack",
  "}": "endOn",
  "?": "help",
};
const LETTERS = { s: "skip", j: "nextToken", k: "lastToken" };
const SHIFTED = { Tab: "lastSpan", j: "grow", k: "shrink" };

/** What the help panel says. */
export const HELP = [
  ["1 … 9", "Label the selection or relabel the span; with neither, choose a label"],
  ["Drag  Double-click", "Select whole words; with Alt, exact characters"],
  ["Click", "Select a span; click again for the one around it"],
  ["J  K", "Next and previous word"],
  ["Shift J  Shift K", "Grow and shrink the selection"],
  ["Tab  Shift Tab", "Next and previous span"],
  ["[  ]", "Move the start of the span"],
  ["{  }", "Move the end of the span"],
  ["Backspace", "Delete the span"],
  ["Esc", "Clear the selection, then the chosen label"],
  ["Ctrl Z  Ctrl Shift Z", "Undo and redo"],
  ["Enter", "Mark done and open the next document"],
  ["S", "Skip and open the next document"],
  ["←  →", "Previous and next document"],
];

/** Return the command of a keydown: a name, {label: index}, or null. */
export function readKey(event, labels) {
  if (event.isComposing) return null;
  // AltGr types brackets on many keyboards and reports itself as Ctrl+Alt on some systems.
  if (!event.getModifierState("AltGraph")) {
    if (event.altKey) return null;
    if (event.ctrlKey || event.metaKey) return readChord(event);
  }
  const index = labelIndex(event, labels);
  if (index >= 0) return { label: index };
  const letter = letterOf(event);
  if (event.shiftKey) return SHIFTED[letter] ?? SHIFTED[event.key] ?? shiftedSign(event);
  return LETTERS[letter] ?? PLAIN[event.key] ?? null;
}

// Brackets and the question mark need Shift on some layouts and not on others.
function shiftedSign({ key }) {
  return key.length === 1 ? (PLAIN[key] ?? null) : null;
}

function readChord(event) {
  const letter = letterOf(event);
  if (letter === "z") return event.shiftKey ? "redo" : "undo";
  return letter === "y" && !event.shiftKey ? "redo" : null;
}

function labelIndex({ key, code, shiftKey }, labels) {
  const index = labels.findIndex((label) => label.key && label.key === key);
  if (index >= 0 || shiftKey) return index;
  // French keyboards need Shift for digits: the unshifted key counts too.
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code);
  return digit ? labels.findIndex((label) => label.key === digit[1]) : -1;
}

// Other alphabets: the key's place on the keyboard.
function letterOf({ key, code }) {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  return key.length === 1 && /^Key[A-Z]$/.test(code) && key > "\x7f" ? code[3].toLowerCase() : "";
}
