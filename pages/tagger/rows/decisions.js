// What a decision about a row is in edits, and what a document tells of decisions about it. Pure
// functions: a row has what was `given` by people and what is `suggested`; either may be missing.
import { Refusal } from "../document/annotation.js";
import { clip } from "../document/offsets.js";
import { inOrder, isWhole, meet, overlapping, placeKey } from "../document/places.js";
import { makeId } from "../saving/outbox.js";

/** Each decision: the edits that it is, made as one step; a Refusal where there are none. */
export const DECISIONS = { accept, keep, neither, ask };

/** Return the marks in a row's place, in reading order: those that meet the given one, and what
 *  stands exactly where something is suggested. Where spans may overlap, others that merely
 *  meet it are their own matter; so are the other labels of a document that may have several. */
export function marksOf({ given, suggested }, spans, { allowOverlaps, marksWhole }) {
  const here = (span) => {
    if (marksWhole && allowOverlaps) return [given, suggested].some((one) => one?.label === span.label);
    if (isSameRange(span, suggested)) return true;
    return allowOverlaps ? isSameRange(span, given) : Boolean(given) && meet(span, given);
  };
  return inOrder([...spans.values()].filter(here));
}

/** Make the marks in the place what is suggested there. */
function accept(row, state, rules) {
  const { suggested } = row;
  const marks = marksOf(row, state.spans, rules);
  const steps = suggested ? putting(suggested, marks, row, state, rules) : removing(marks, state, rules);
  if (steps.length) return steps;
  throw new Refusal("It stands as predicted already.");
}

function putting(suggested, marks, { given }, state, rules) {
  const inTheWay = rules.allowOverlaps ? [] : overlapping(state.spans, suggested);
  const all = [...new Set([...marks, ...inTheWay])];
  const standing = all.find((span) => keyOf(span) === keyOf(suggested));
  const kept = standing ?? all.find((span) => given && keyOf(span) === keyOf(given)) ?? all[0];
  const steps = removing(all.filter((span) => span !== kept), state, rules);
  if (!kept) steps.push(adding(suggested, rules));
  else if (kept === standing) steps.push(...confirming([kept], state, rules));
  else steps.push(...changing(kept, suggested, state, rules));
  const { rejected } = state;
  if (rejected.has(keyOf(suggested))) steps.push(judging("unreject", suggested, rules));
  return steps;
}

/** Confirm what stands there, and turn down what was suggested instead. */
function keep(row, state, rules) {
  const marks = marksOf(row, state.spans, rules);
  const steps = [...confirming(marks, state, rules), ...rejecting(row, marks, state, rules)];
  if (steps.length) return steps;
  const kept = marks.length || row.suggested;
  throw new Refusal(kept ? "It is kept already." : "Nothing is labelled here any more.");
}

/** Take the marks away and turn down what was suggested; nothing may be left to do. */
function neither(row, state, rules) {
  const marks = marksOf(row, state.spans, rules);
  return [...removing(marks, state, rules), ...rejecting(row, [], state, rules)];
}

/** Flag the document, and add a question to its comment: what was kept is open again. */
function ask(row, state, rules) {
  const question = questionOf(row, rules);
  const { flagged, comment } = state;
  const steps = reopening(row, state, rules);
  if (!flagged) steps.push({ kind: "flag", flagged: true });
  if (!asked(comment, question)) {
    steps.push({ kind: "comment", comment: comment ? `${comment}\n${question}` : question });
  }
  if (steps.length) return steps;
  throw new Refusal("This question is noted already.");
}

/** Say what is unclear about a row: “Berlin”: ORG or LOC? */
export function questionOf({ given, suggested }, { offsets }) {
  const words = ({ start, end }) => clip(offsets.slice(start, end).replace(/\s+/g, " "), 60);
  const quote = (place) => (isWhole(place) ? "This text" : `“${words(place)}”`);
  const one = given ?? suggested;
  if (!given || !suggested) return `${quote(one)}: ${one.label} or nothing?`;
  if (keyOf(given) === keyOf(suggested)) return `${quote(one)}: ${one.label}?`;
  if (isSameRange(given, suggested)) {
    return `${quote(given)}: ${given.label} or ${suggested.label}?`;
  }
  if (given.label === suggested.label) {
    return `${quote(given)} or ${quote(suggested)}: ${given.label}?`;
  }
  return `${quote(given)} ${given.label} or ${quote(suggested)} ${suggested.label}?`;
}

/** Return what was decided about a row, as its document tells: "accepted", "kept", "both wrong",
 *  "mended", "unclear", or "" for nothing. `before` are the keys of the marks that stood there
 *  when the page was made: a label may have another name by now, which nobody decided. */
export function outcomeOf(row, state, rules, before) {
  const { given, suggested } = row;
  const marks = marksOf(row, state.spans, rules);
  const keys = marks.map(keyOf);
  const agree = given && suggested && keyOf(given) === keyOf(suggested);
  const alone = (place, other) => {
    if (!place) return !marks.length;
    const apart = rules.allowOverlaps ? agree || !other || !keys.includes(keyOf(other)) : !keys[1];
    return keys.includes(keyOf(place)) && apart;
  };
  const asGiven = alone(given, suggested);
  if (!asGiven && alone(suggested, given)) return "accepted";
  if (marks.length && keys.every((key) => state.confirmed.has(key))) return "kept";
  if (asGiven && !given && state.rejected.has(keyOf(suggested))) return "kept";
  if (given && suggested && !marks.length) return "both wrong";
  const changed = keys.join() !== before.join();
  if (!asGiven && (changed || row.mended !== false)) return "mended";
  return isAsked(row, state, rules) ? "unclear" : "";
}

/** Tell whether the question about a row stands in the comment of its flagged document. */
export function isAsked(row, { flagged, comment }, rules) {
  return flagged && asked(comment, questionOf(row, rules));
}

/** Return the parts of a row's place in which what is given and what is suggested differ. */
export function differencesOf({ given, suggested }) {
  if (!given || !suggested) return [given ?? suggested];
  const [start, end] = [
    [given.start, suggested.start],
    [given.end, suggested.end],
  ].map((pair) => pair.sort((a, b) => a - b));
  if (given.label !== suggested.label) return [{ start: start[0], end: end[1] }];
  const parts = [
    { start: start[0], end: start[1] },
    { start: end[0], end: end[1] },
  ];
  return parts.filter((part) => part.start < part.end);
}

/** Name a mark's range and label. */
export function keyOf({ start, end, label }) {
  return placeKey([start, end, label]);
}

/** Tell whether two marks, of which either may be missing, have the same range. */
export function isSameRange(one, other) {
  return Boolean(one && other) && one.start === other.start && one.end === other.end;
}

function asked(comment, question) {
  return comment.split("\n").includes(question);
}

function adding({ start, end, label, score = null }, { offsets }) {
  const span = { id: makeId(), start, end, label, quote: offsets.slice(start, end) };
  return { kind: "add", span: { ...span, source: "model", score } };
}

// A mark that goes is no longer confirmed either.
function removing(marks, state, rules) {
  return marks.flatMap((span) => [
    ...withdrawing(span, state, rules),
    { kind: "remove", id: span.id },
  ]);
}

function changing(span, { start, end, label }, state, rules) {
  const steps = withdrawing(span, state, rules);
  const quote = rules.offsets.slice(start, end);
  const { id } = span;
  if (span.start !== start || span.end !== end) steps.push({ kind: "move", id, start, end, quote });
  if (span.label !== label) steps.push({ kind: "relabel", id, label });
  return steps;
}

function withdrawing(span, { confirmed }, rules) {
  return confirmed.has(keyOf(span)) ? [judging("unconfirm", span, rules)] : [];
}

function reopening(row, state, rules) {
  const { suggested } = row;
  const marks = marksOf(row, state.spans, rules).filter((span) => state.confirmed.has(keyOf(span)));
  const steps = marks.flatMap((span) => withdrawing(span, state, rules));
  const rejected = suggested && state.rejected.has(keyOf(suggested));
  return rejected ? [...steps, judging("unreject", suggested, rules)] : steps;
}

function confirming(marks, { confirmed }, rules) {
  const open = marks.filter((span) => !confirmed.has(keyOf(span)));
  return open.map((span) => judging("confirm", span, rules));
}

// A label that the project has no more cannot be suggested again.
function rejecting({ suggested }, marks, { rejected }, rules) {
  if (!suggested || !rules.labels.has(suggested.label)) return [];
  const key = keyOf(suggested);
  const settled = rejected.has(key) || marks.some((span) => keyOf(span) === key);
  return settled ? [] : [judging("reject", suggested, rules)];
}

function judging(kind, { start, end, label }, { offsets }) {
  return { kind, start, end, label, quote: offsets.slice(start, end) };
}
