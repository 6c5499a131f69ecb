// Which key means what. Digits and letters are found on any keyboard layout.
//
// A key is written as in commands.json: "j", "Shift+j", "Ctrl+Shift+z", "Alt+[", "Tab". A sign
// is written without Shift, which it needs on some layouts and not on others.

const CAPS = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  " ": "Space",
};
const BRACKETS = { BracketLeft: "[{", BracketRight: "]}" };

/** Bind commands to their own keys, or to those chosen instead ("" for none): return
 *  `commands`, a name by key, and `keys`, the keys of each name. */
export function bindKeys(commands, chosen = {}) {
  const keys = new Map();
  for (const { name, keys: own } of commands.values()) {
    keys.set(name, name in chosen ? [chosen[name]].filter(Boolean) : own);
  }
  // What was chosen wins over what another command has by default.
  const names = [...keys.keys()].sort((a, b) => (a in chosen) - (b in chosen));
  const pairs = names.flatMap((name) => keys.get(name).map((key) => [key, name]));
  return { commands: new Map(pairs), keys };
}

/** Return the command of a keydown: a name, {label: index}, or null. */
export function readKey(event, labels, { commands }) {
  if (isComposing(event)) return null;
  const [modifiers, plain] = readModifiers(event);
  const index = plain ? labelIndex(event, labels) : -1;
  if (index >= 0) return { label: index };
  const found = namesOf(event).find((name) => commands.has(modifiers + name));
  return commands.get(modifiers + found) ?? null;
}

/** Tell whether an input method is at work: its keys are its own. */
export function isComposing(event) {
  // Safari ends the composition before the keydown that ended it; 229 still tells.
  return event.isComposing || event.keyCode === 229;
}

/** Return a key as it is printed on a keyboard. */
export function capOf(key) {
  const parts = key.split(/(?<=.)\+(?=.)/);
  const last = parts.pop();
  return [...parts, CAPS[last] ?? (last.length === 1 ? last.toUpperCase() : last)].join(" ");
}

// The modifiers as written before a key's name, and whether the key types a character.
function readModifiers(event) {
  // AltGr types brackets on many keyboards and reports itself as Ctrl+Alt on some systems.
  if (event.getModifierState("AltGraph")) return ["", true];
  // Where Alt types a character, or belongs to the window, Ctrl+Alt does the same.
  if (event.altKey) return ["Alt+", false];
  const chord = event.ctrlKey || event.metaKey;
  return [chord ? "Ctrl+" : "", !chord];
}

// What a key may be called, the most telling name first.
function namesOf(event) {
  const { key, code, shiftKey } = event;
  const shift = shiftKey ? "Shift+" : "";
  const letter = letterOf(event);
  if (letter) return [shift + letter];
  if (key.length > 1 && key !== "Dead") return [shift + key];
  // Alt turns a bracket into another sign on some systems: then its place on the keyboard.
  const placed = event.altKey && BRACKETS[code];
  return placed ? [key, placed[shiftKey ? 1 : 0]] : [key];
}

function labelIndex({ key, code, shiftKey }, labels) {
  const index = labels.findIndex((label) => label.key && label.key === key);
  if (index >= 0 || shiftKey) return index;
  // French keyboards need Shift for digits: the unshifted key counts too.
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(code);
  return digit ? labels.findIndex((label) => label.key === digit[1]) : -1;
}

// Other alphabets: the key's place on the keyboard.
function letterOf({ key, code }) {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  return key.length === 1 && /^Key[A-Z]$/.test(code) && key > "\x7f" ? code[3].toLowerCase() : "";
}
