// What an answer about a whole document is in edits. Pure functions of a document's state.
import { makeId } from "../saving/outbox.js";

// Pairs that came with no answer of anybody's.
const NOBODY = ["sampled", "mined"];

/** Return the edits after which a document has one label and no other: another answer becomes
 *  this one, unless nobody gave that. `made` says who made it, where that is not a person. */
export function answering({ spans }, label, made = {}) {
  const marks = [...spans.values()];
  const given = marks.filter(({ source }) => !NOBODY.includes(source));
  const kept = given.find((mark) => mark.label === label) ?? given[0];
  const steps = removing(marks.filter((mark) => mark !== kept));
  if (!kept) steps.push(adding(label, made));
  else if (kept.label !== label) steps.push({ kind: "relabel", id: kept.id, label });
  return steps;
}

/** Return the edits that give a document one more label, or take it back. */
export function toggling({ spans }, label, made = {}) {
  const known = [...spans.values()].filter((mark) => mark.label === label);
  return known.length ? removing(known) : [adding(label, made)];
}

/** Return the edits that give a document those of some guesses that it has not. */
export function taking({ spans }, guesses) {
  const known = new Set([...spans.values()].map(({ label }) => label));
  const fresh = guesses.filter(({ label }) => !known.has(label));
  return fresh.map(({ label, score }) => adding(label, madeBy(score)));
}

/** Return the edits that take all labels away. */
export function emptying({ spans }) {
  return removing([...spans.values()]);
}

/** Return the edits that say that one is unsure: somebody should look again. */
export function doubting({ flagged }) {
  return flagged ? [] : [{ kind: "flag", flagged: true }];
}

/** Say of a mark that a model made it, how sure it was. */
export function madeBy(score) {
  return { source: "model", score };
}

/** Make edits one step that gives the document its status, too. */
export function asStep(operations, status) {
  const [first, ...more] = operations;
  if (!first) return { kind: "status", status };
  return more.length ? { kind: "batch", operations, status } : { ...first, status };
}

function adding(label, made) {
  return { kind: "add", span: { id: makeId(), start: 0, end: 0, label, quote: "", ...made } };
}

function removing(marks) {
  return marks.map(({ id }) => ({ kind: "remove", id }));
}
