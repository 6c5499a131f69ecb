// What is drawn over the text of a row: the marks of now, what was given, what is suggested, what
// others say, and the words that differ. Pure functions; places are code points of the window.
import { isWhole, placeKey } from "../document/places.js";
import { percent } from "../elements/elements.js";
import { differencesOf, isSameRange, keyOf, marksOf } from "./decisions.js";

/** Return the pieces of a row within a window [start, end), each with the name that hangs below
 *  it. `kind` is "mark", "was", "suggested", "other" or "differs"; `focus`: it is the row's own. */
export function piecesOf(row, spans, rules, { start, end }) {
  const own = marksOf(row, spans, rules);
  const marks = [...spans.values()].map((span) => {
    return piece("mark", span, span.label, own.includes(span));
  });
  const standing = new Set([...spans.values()].map(keyOf));
  const gone = row.given && !standing.has(keyOf(row.given)) ? [was(row.given)] : [];
  const all = [...marks, ...gone, ...predicted(row, spans), ...others(row), ...differing(row)];
  return all.filter((one) => one.start < end && start < one.end).map((one) => crop(one, start, end));
}

function piece(kind, { start, end, label }, name, focus) {
  return { id: `${kind}-${placeKey([start, end, name])}`, kind, start, end, label, name, focus };
}

function was(given) {
  return piece("was", given, `was ${given.label}`, true);
}

// What agrees with a mark is not drawn twice; elsewhere in the text only what differs is. In the
// place itself only what the row is about: it may not be what the newest model says.
function predicted({ given, suggested, predicted: all }, spans) {
  const standing = new Set([...spans.values()].map(keyOf));
  const own = suggested ? keyOf(suggested) : "";
  const apart = (one) => !isSameRange(one, given) && !isSameRange(one, suggested);
  const elsewhere = all.filter((one) => apart(one) && !standing.has(keyOf(one)));
  const quiet = elsewhere.map((one) => named(one, false));
  return suggested && !standing.has(own) ? [named(suggested, true), ...quiet] : quiet;
}

function named(one, focus) {
  const sure = typeof one.score === "number" ? ` ${percent(one.score)}` : "";
  return piece("suggested", one, `${one.label}${sure}`, focus);
}

// Of several who say the same, the names stand together.
function others({ others: all }) {
  const found = new Map();
  for (const { who, span } of all) {
    if (span) found.set(keyOf(span), [...(found.get(keyOf(span)) ?? []), { who, span }]);
  }
  return [...found.values()].map((group) => {
    const names = group.map(({ who }) => who).join(", ");
    return piece("other", group[0].span, `${names}: ${group[0].span.label}`, true);
  });
}

function differing(row) {
  // Its name sorts behind all others, so it lies within them.
  const look = { kind: "differs", plain: true };
  return differencesOf(row).map((part) => ({ ...part, ...look, id: `~${part.start}` }));
}

function crop(one, start, end) {
  const [from, to] = [Math.max(one.start, start), Math.min(one.end, end)];
  return { ...one, start: from - start, end: to - start, suggested: !["mark", "differs"].includes(one.kind) };
}

/** Return the labels of whole documents that a row is about: {given, suggested, marks, others}. */
export function labelsOf(row, spans, rules) {
  const { given, suggested, others: all } = row;
  const marks = marksOf(row, spans, rules);
  const rest = [...spans.values()].filter((span) => isWhole(span) && !marks.includes(span));
  return { given, suggested, marks, rest, others: all.filter(({ span }) => span) };
}

/** Say a row in words, for who does not see it. */
export function describeRow(row, spans, rules, { offsets }) {
  const { given, suggested } = row;
  const quote = (one) => (isWhole(one) ? "" : `“${offsets.slice(one.start, one.end)}” `);
  const said = (one) => (one ? `${quote(one)}${one.label}` : "nothing");
  const parts = [`labelled: ${said(given)}`, `predicted: ${said(suggested)}`];
  parts.push(...row.others.map(({ who, span }) => `${who}: ${said(span)}`));
  const marks = marksOf(row, spans, rules);
  const now = given && !marks.some((one) => keyOf(one) === keyOf(given));
  if (now) parts.push(`now: ${marks.map(said).join(", ") || "nothing"}`);
  return parts.join("; ");
}

