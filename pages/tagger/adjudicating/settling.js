// What a decision about a place is in edits, and what a decision tells of it. Pure functions: a
// row has the `sides` of people, the marks of each there; a place is settled once every one of
// those marks stands, or was rejected.
import { Refusal } from "../document/annotation.js";
import { clash, inOrder, isWhole, meet } from "../document/places.js";
import { keyOf } from "../rows/decisions.js";
import { makeId } from "../saving/outbox.js";

const TOGETHER = "They cannot both stand: one would lie over the other. Take one, or edit.";

/** Return the marks that anybody has in a row's place, each once. */
export function marksIn({ sides }) {
  return [...new Map(sides.flat().map((mark) => [keyOf(mark), mark])).values()];
}

/** Return the keys of what everybody has: it is nobody's question. */
export function agreedOn(people) {
  const [first = { spans: [] }, ...others] = people;
  const sets = others.map(({ spans }) => new Set(spans.map(keyOf)));
  return new Set(first.spans.map(keyOf).filter((key) => sets.every((set) => set.has(key))));
}

/** Return the decision's marks in a row's place: people's, and what a reviewer put over them. */
export function standingIn(row, { spans }, agreed) {
  const known = new Set(marksIn(row).map(keyOf));
  // Of several labels of one text each is a place of its own.
  const apart = isWhole(row) && row.several;
  const here = (span) => !apart && meet(span, row) && !agreed.has(keyOf(span));
  return inOrder([...spans.values()].filter((span) => known.has(keyOf(span)) || here(span)));
}

/** Tell whether a place is decided. */
export function isSettled(row, { spans, rejected }) {
  const standing = new Set([...spans.values()].map(keyOf));
  return marksIn(row).every((mark) => standing.has(keyOf(mark)) || rejected.has(keyOf(mark)));
}

/** Tell whether more than half of the people say the same of a place. */
export function hasMajority({ sides }) {
  const counts = new Map();
  for (const side of sides) counts.set(nameOf(side), (counts.get(nameOf(side)) ?? 0) + 1);
  return [...counts.values()].some((count) => 2 * count > sides.length);
}

/** Return whose side the decision is, as indices; none where it is its own. */
export function followed(row, state, agreed) {
  const name = nameOf(standingIn(row, state, agreed));
  return row.sides.flatMap((side, index) => (nameOf(side) === name ? [index] : []));
}

/** Return the edits after which exactly these marks stand in a place, and it is settled. */
export function taking(row, marks, state, rules, agreed) {
  const wanted = new Map(marks.map((mark) => [keyOf(mark), mark]));
  const here = standingIn(row, state, agreed);
  const known = new Set(here.map(keyOf));
  const fresh = [...wanted.values()].filter((mark) => !known.has(keyOf(mark)));
  const leaving = new Set(here.filter((span) => !wanted.has(keyOf(span))));
  for (const mark of fresh) for (const span of inTheWay(mark, state, rules)) leaving.add(span);
  const gone = marksIn(row).filter((mark) => !wanted.has(keyOf(mark)));
  return [
    ...[...leaving].flatMap((span) => removing(span, state, rules)),
    ...fresh.flatMap((mark) => adding(mark, state, rules)),
    ...[...wanted.values()].flatMap((mark) => judging("confirm", mark, state.confirmed, rules)),
    ...gone.flatMap((mark) => judging("reject", mark, state.rejected, rules)),
  ];
}

/** Return all marks of a place, where they can stand beside each other; else throw a Refusal. */
export function together(row, rules) {
  const marks = marksIn(row);
  const apart = (mark, at) => marks.slice(at + 1).every((other) => !clash(mark, other, rules));
  if (isWhole(row) && !rules.allowOverlaps && marks.length > 1) throw new Refusal(TOGETHER);
  if (!marks.every(apart)) throw new Refusal(TOGETHER);
  return marks;
}

/** Return the edits that settle a place as it stands. */
export function settling(row, state, rules, agreed) {
  return taking(row, standingIn(row, state, agreed), state, rules, agreed);
}

/** Return the edits that reject of what everybody has what the decision has not. */
export function overruling(people, state, rules, agreed) {
  const standing = new Set([...state.spans.values()].map(keyOf));
  const gone = (people[0]?.spans ?? []).filter((mark) => {
    return agreed.has(keyOf(mark)) && !standing.has(keyOf(mark));
  });
  return gone.flatMap((mark) => judging("reject", mark, state.rejected, rules));
}

function nameOf(marks) {
  return marks.map(keyOf).sort().join("\n");
}

function inTheWay(mark, { spans }, rules) {
  return [...spans.values()].filter((span) => clash(mark, span, rules));
}

// A mark that goes is no longer confirmed either.
function removing(span, { confirmed }, rules) {
  const key = keyOf(span);
  const back = confirmed.has(key) ? [named("unconfirm", span, rules)] : [];
  return [...back, { kind: "remove", id: span.id }];
}

function adding(mark, { rejected }, rules) {
  const { start, end, label } = mark;
  const quote = rules.offsets.slice(start, end);
  const back = rejected.has(keyOf(mark)) ? [named("unreject", mark, rules)] : [];
  return [...back, { kind: "add", span: { id: makeId(), start, end, label, quote } }];
}

// A label that the project has no more cannot be judged.
function judging(kind, mark, known, rules) {
  if (known.has(keyOf(mark)) || !rules.labels.has(mark.label)) return [];
  return [named(kind, mark, rules)];
}

function named(kind, { start, end, label }, { offsets }) {
  return { kind, start, end, label, quote: offsets.slice(start, end) };
}
