// Two versions of one annotation, made from the same base: what differs, what clashes, and
// the operations that lead from theirs to what the person chose. Pure functions.
import { applyIfFit, LONGEST_COMMENT } from "./annotation.js";
import { clash, meet, placeKey, readPlaceKey } from "./places.js";

// What a person may think of a labelled place, and the edit that notes it.
const JUDGED = { rejected: "reject", confirmed: "confirm" };

/** Play what waits onto a state, whatever it was made on; count what does not fit. */
export function replay(state, entries, rules) {
  let lost = 0;
  for (const { client, op } of entries) {
    const next = applyIfFit(state, op, `${client}:${op.seq}`, rules);
    if (!next) lost += 1;
    state = next ?? state;
  }
  return { state, lost };
}

/** Return the differences of two versions, in reading order; each has its own choices. */
export function compareVersions(base, theirs, mine, rules) {
  const versions = { base, theirs, mine: renameCopies(theirs, mine) };
  const groups = groupChanges(versions, rules);
  const spans = groups.map((ids) => describeGroup(ids, versions, rules)).filter(Boolean);
  const judged = Object.keys(JUDGED).flatMap((held) => compareJudged(held, versions, rules));
  const placed = [...spans, ...judged].sort((a, b) => a.start - b.start || a.end - b.end);
  return [...placed, ...compareFields(versions)];
}

/** Return the operations that turn theirs into what was chosen for each difference. */
export function planMerge(theirs, differences, choices, rules) {
  const spans = new Map(theirs.spans);
  const others = [];
  differences.forEach(({ ids, results }, index) => {
    const result = results[choices[index]];
    if (!ids) return others.push(...result);
    for (const id of ids) spans.delete(id);
    for (const span of result) spans.set(span.id, span);
  });
  const steps = stepsBetween(theirs.spans, spans, rules);
  return withStatus(theirs, [...inOrderOfFit(theirs, steps, spans, rules), ...others], rules);
}

// The same span made twice has two names: ours is taken for theirs.
function renameCopies(theirs, mine) {
  const names = new Map([...theirs.spans.values()].map((span) => [placeOf(span), span.id]));
  const spans = [...mine.spans.values()].map((span) => {
    const id = names.get(placeOf(span));
    const free = id && !mine.spans.has(id) && !theirs.spans.has(span.id);
    return free ? { ...span, id } : span;
  });
  return { ...mine, spans: new Map(spans.map((span) => [span.id, span])) };
}

// Changed spans that stand in one another's way are one difference: within it all of one
// side is taken, so that every choice leaves a sound document.
function groupChanges({ base, theirs, mine }, rules) {
  const states = [base, theirs, mine];
  const known = new Set(states.flatMap(({ spans }) => [...spans.keys()]));
  const versions = [...known].flatMap((id) => {
    const all = states.map(({ spans }) => spans.get(id));
    const changed = !sameSpan(all[0], all[1]) || !sameSpan(all[0], all[2]);
    return changed ? all.filter(Boolean) : [];
  });
  versions.sort((a, b) => a.start - b.start);
  return joinNeighbours(versions, rules);
}

function joinNeighbours(versions, rules) {
  const group = new Map(versions.map(({ id }) => [id, new Set([id])]));
  const join = (one, other) => {
    const [kept, gone] = [group.get(one), group.get(other)];
    if (kept === gone) return;
    for (const id of gone) group.set(id, kept.add(id));
  };
  let open = [];
  for (const span of versions) {
    open = open.filter((other) => other.end > span.start || meet(other, span));
    for (const other of open) if (clash(span, other, rules)) join(other.id, span.id);
    open.push(span);
  }
  return [...new Set(group.values())].map((ids) => [...ids]);
}

function describeGroup(ids, { base, theirs, mine }, rules) {
  const of = ({ spans }) => ids.map((id) => spans.get(id) ?? null);
  const [before, left, right] = [base, theirs, mine].map(of);
  if (left.every((span, index) => sameSpan(span, right[index]))) return null;
  const changes = { theirs: changesOf(before, left), mine: changesOf(before, right) };
  const clash = changes.theirs.length > 0 && changes.mine.length > 0;
  const both = clash ? uniteSpans(before, left, right, rules) : null;
  const results = { theirs: left.filter(Boolean), mine: right.filter(Boolean) };
  const all = [...before, ...left, ...right].filter(Boolean);
  const place = {
    start: Math.min(...all.map((span) => span.start)),
    end: Math.max(...all.map((span) => span.end)),
  };
  return { kind: "span", ids, ...place, ...weigh(changes, results, both) };
}

// What each side did decides what is taken when both are: the side that did something,
// both where they go together, else theirs.
function weigh(changes, results, both) {
  const sides = ["theirs", "mine"].filter((side) => changes[side].length);
  const clash = sides.length === 2;
  if (clash && both) results = { ...results, both };
  const united = clash ? (both ? "both" : "theirs") : sides[0];
  return { changes, results, united, clash: clash && !both };
}

function changesOf(before, after) {
  return before.flatMap((old, index) => {
    const span = after[index];
    return sameSpan(old, span) ? [] : [{ what: nameChange(old, span), before: old, after: span }];
  });
}

function nameChange(before, after) {
  if (!before) return "added";
  if (!after) return "removed";
  const moved = before.start !== after.start || before.end !== after.end;
  if (before.label === after.label) return "moved";
  return moved ? "moved and relabelled" : "relabelled";
}

/** Return all that both did, or null where it does not go together. */
function uniteSpans(before, left, right, rules) {
  const spans = before.map((old, index) => {
    return old ? uniteSpan(old, left[index], right[index]) : (left[index] ?? right[index]);
  });
  if (spans.includes(undefined)) return null;
  const kept = spans.filter(Boolean);
  const apart = kept.every((span, at) => !kept.slice(0, at).some((o) => clash(span, o, rules)));
  return apart ? kept : null;
}

// One may have moved what the other relabelled; undefined where they did the same two ways.
function uniteSpan(old, left, right) {
  if (sameSpan(old, left)) return right;
  if (sameSpan(old, right) || sameSpan(left, right)) return left;
  if (!left || !right) return undefined;
  const moved = [left, right].filter((span) => span.start !== old.start || span.end !== old.end);
  const named = [left, right].filter((span) => span.label !== old.label);
  if (moved.length !== 1 || named.length !== 1) return undefined;
  const [{ start, end }] = moved;
  return { ...left, start, end, label: named[0].label };
}

function compareJudged(held, { base, theirs, mine }, { offsets }) {
  const [before, left, right] = [base, theirs, mine].map((state) => state[held]);
  return [...new Set([...left, ...right])].flatMap((key) => {
    if (left.has(key) === right.has(key)) return [];
    const [start, end, label] = readPlaceKey(key);
    const place = { start, end, label, quote: offsets.slice(start, end) };
    const side = before.has(key) === left.has(key) ? "mine" : "theirs";
    const what = before.has(key) ? `no longer ${held}` : held;
    const change = { what, before: null, after: place };
    const changes = { theirs: [], mine: [], [side]: [change] };
    const step = { kind: right.has(key) ? JUDGED[held] : `un${JUDGED[held]}`, ...place };
    const results = { theirs: [], mine: [step] };
    return [{ kind: held, ...place, ...weigh(changes, results, null) }];
  });
}

function compareFields({ base, theirs, mine }) {
  const before = { ...base };
  // Starting is no decision: both sides did it with their first edit.
  if (base.status === "untouched") before.status = "in progress";
  const steps = {
    status: (value) => ({ kind: "status", status: value }),
    flagged: (value) => ({ kind: "flag", flagged: value }),
    comment: (value) => ({ kind: "comment", comment: value }),
  };
  return Object.entries(steps).flatMap(([field, step]) => {
    const [left, right] = [theirs[field], mine[field]];
    if (left === right) return [];
    const change = (value) => {
      return value === before[field] ? [] : [{ what: field, before: before[field], after: value }];
    };
    const changes = { theirs: change(left), mine: change(right) };
    const joined = field === "comment" ? joinComments(left, right) : null;
    const results = { theirs: [], mine: [step(right)] };
    return [{ kind: field, ...weigh(changes, results, joined && [step(joined)]) }];
  });
}

function joinComments(left, right) {
  const joined = `${left}\n${right}`;
  return left && right && [...joined].length <= LONGEST_COMMENT ? joined : null;
}

function stepsBetween(before, after, { offsets }) {
  const steps = [];
  for (const id of before.keys()) if (!after.has(id)) steps.push({ kind: "remove", id });
  for (const [id, span] of after) {
    const { start, end, label } = span;
    const quote = offsets.slice(start, end);
    const old = before.get(id);
    if (!old) steps.push({ kind: "add", span: { ...span, quote } });
    else if (old.label !== label) steps.push({ kind: "relabel", id, label });
    const moved = old && (old.start !== start || old.end !== end);
    if (moved) steps.push({ kind: "move", id, start, end, quote });
  }
  return steps;
}

// Two spans may have changed places: what does not fit yet waits for what stands in its
// way. Where each waits for the other, one is taken out and put back.
function inOrderOfFit(state, steps, wanted, rules) {
  const ordered = [];
  let waiting = steps;
  while (waiting.length) {
    const late = [];
    for (const step of waiting) {
      const next = applyIfFit(state, step, "merge:0", rules);
      if (next) ordered.push(step);
      else late.push(step);
      state = next ?? state;
    }
    if (late.length === waiting.length) late.unshift(...takeOut(state, late, wanted, rules));
    waiting = late;
  }
  return ordered;
}

// Takes the first span that is in the way out, and puts it where it is wanted at last.
function takeOut({ spans }, late, wanted, { offsets }) {
  const { id } = late.find((step) => spans.has(step.id));
  const own = late.filter((step) => step.id === id);
  for (const step of own) late.splice(late.indexOf(step), 1);
  const span = wanted.get(id);
  const quote = offsets.slice(span.start, span.end);
  return [{ kind: "remove", id }, { kind: "add", span: { ...span, quote } }];
}

// The first edit starts an untouched document by itself; only what then differs is set.
function withStatus(theirs, operations, rules) {
  const wanted = operations.findLast(({ kind }) => kind === "status")?.status ?? theirs.status;
  return operations.filter(({ kind }) => kind !== "status").concat(
    wanted === theirs.status ? [] : [{ kind: "status", status: wanted }],
  );
}

function sameSpan(span, other) {
  if (!span || !other) return !span && !other;
  return span.id === other.id && placeOf(span) === placeOf(other);
}

function placeOf({ start, end, label }) {
  return placeKey([start, end, label]);
}
