// Labels as they are listed: those that a model guesses first, and a hierarchy by "/" in their
// names as a tree. Pure functions.
import { percent } from "../elements/elements.js";

const LEVEL = "/";
const GUESSED = "Guessed by the model";
const OTHERS = "All labels";

/** Return a label with how likely a model holds it, in words. */
export function withSure(label, guesses) {
  const score = guesses.score(label.name);
  return score === null ? label : { ...label, sure: percent(score) };
}

/** Return labels in the order of their list: guessed ones, then all others, branch by branch.
 *  `head` is what stands above a label, `shown` its name without what is above it. */
export function listing(labels) {
  const guessed = labels.filter(({ sure }) => sure);
  const others = branches(labels.filter(({ sure }) => !sure));
  const headed = (group, head) => group.map((label, at) => (at ? label : { head, ...label }));
  return guessed.length ? [...headed(guessed, GUESSED), ...headed(others, OTHERS)] : others;
}

// Labels of one branch stand together, under its name, where the first of them stood.
function branches(labels) {
  const found = new Map();
  for (const label of labels) {
    const { name } = label;
    const branch = name.slice(0, Math.max(name.lastIndexOf(LEVEL, name.length - 2), 0)).trimEnd();
    found.set(branch, [...(found.get(branch) ?? []), label]);
  }
  return [...found].flatMap(([branch, all]) => (branch ? all.map((label, at) => inner(label, branch, at)) : all));
}

function inner(label, branch, at) {
  const shown = label.name.slice(label.name.indexOf(LEVEL, branch.length) + 1).trimStart();
  return at ? { ...label, shown } : { ...label, shown, head: branch };
}
