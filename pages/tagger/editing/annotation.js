// The state of one annotation and what each operation does to it: the browser's
// half of the journal's rules. Pure functions: a state is never changed in place.
import { Offsets } from "../text/offsets.js";

const KEPT_STEPS = 200;
const LONGEST_BATCH = 5000;
const LONGEST_COMMENT = 2000;
const NOWHERE = { undo: null, redo: null };

/** An operation that would damage the data; the message is for people. */
export class Refusal extends Error {}

/** Make a state from what the server sends. */
export function readState(sent) {
  return {
    revision: sent.revision,
    status: sent.status,
    spans: new Map(sent.spans.map((span) => [span.id, span])),
    rejected: new Set((sent.rejected ?? []).map(placeKey)),
    flagged: sent.flagged ?? false,
    comment: sent.comment ?? "",
    undo: sent.undo ?? [],
    redo: sent.redo ?? [],
    elsewhere: sent.elsewhere ?? NOWHERE,
  };
}

/** Return what of a state another page load needs to go on from it; its steps stay behind. */
export function writeState({ revision, status, spans, rejected, flagged, comment }) {
  const places = [...rejected].map(readPlaceKey);
  return { revision, status, spans: [...spans.values()], rejected: places, flagged, comment };
}

/** Gather what the rules look at: the text, the labels, whether spans may overlap. */
export function makeRules(text, labels, allowOverlaps) {
  const names = new Set(labels.map((label) => label.name));
  return { offsets: new Offsets(text), labels: names, allowOverlaps };
}

/** Name a labelled range, to tell suggestions, spans and rejections of the same from others. */
export function placeKey([start, end, label]) {
  return `${start}:${end}:${label}`;
}

/** Return the start, the end and the label that a name of a labelled range stands for. */
export function readPlaceKey(key) {
  const [start, end] = key.split(":", 2);
  return [Number(start), Number(end), key.slice(start.length + end.length + 2)];
}

/** Return the state after an operation; throw a Refusal that says why not. */
export function applyOperation(state, operation, author, rules) {
  const [spans, rejected] = [new Map(state.spans), new Set(state.rejected)];
  const draft = { ...state, revision: state.revision + 1, spans, rejected };
  const inverse = { ...EFFECTS[operation.kind](draft, operation, rules), status: state.status };
  const started = state.status === "untouched" ? "in progress" : state.status;
  draft.status = operation.status ?? started;
  return remember(draft, operation, inverse, author);
}

/** Return the operation that takes back the last step, or null. */
export function undoing(state) {
  const step = state.undo.at(-1);
  return step ? { ...step.inverse, undoes: step.op } : null;
}

/** Return the operation that repeats the last step taken back, or null. */
export function redoing(state) {
  const step = state.redo.at(-1);
  return step ? { ...step.inverse, redoes: step.op } : null;
}

/** Return the spans in reading order, the longer first where two begin together. */
export function inOrder(spans) {
  return [...spans.values()].sort((a, b) => a.start - b.start || b.end - a.end);
}

/** Return the other spans that share a character with a range. */
export function overlapping(spans, range, except = null) {
  const meets = ({ id, start, end }) => id !== except && start < range.end && range.start < end;
  return inOrder([...spans.values()].filter(meets));
}

/** Return a function that tells whether a range shares a character with any of the spans. */
export function overlapFinder(spans) {
  const ordered = inOrder(spans);
  let end = 0;
  // How far the spans reach up to each of them.
  const reach = ordered.map((span) => (end = Math.max(end, span.end)));
  return (range) => {
    let [low, high] = [0, ordered.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ordered[middle].start >= range.end) high = middle;
      else low = middle + 1;
    }
    return low > 0 && reach[low - 1] > range.start;
  };
}

// Each effect edits the draft of a state and returns the inverse operation.
const EFFECTS = {
  add({ spans }, { span }, rules) {
    if (spans.has(span.id)) throw new Refusal("This span is already there.");
    checkRange(span, rules);
    checkLabel(span.label, rules);
    checkFree(spans, span, rules);
    const { quote, ...kept } = span;
    spans.set(span.id, { source: "person", score: null, ...kept });
    return { kind: "remove", id: span.id };
  },
  remove({ spans }, { id }, rules) {
    const span = find(spans, id);
    spans.delete(id);
    const quote = rules.offsets.slice(span.start, span.end);
    return { kind: "add", span: { ...span, quote } };
  },
  relabel({ spans }, { id, label }, rules) {
    const span = find(spans, id);
    checkLabel(label, rules);
    checkFree(spans, { ...span, label }, rules);
    spans.set(id, { ...span, label });
    return { kind: "relabel", id, label: span.label };
  },
  move({ spans }, { id, start, end, quote }, rules) {
    const span = find(spans, id);
    const moved = { ...span, start, end };
    checkRange({ ...moved, quote }, rules);
    checkFree(spans, moved, rules);
    spans.set(id, moved);
    const before = rules.offsets.slice(span.start, span.end);
    return { kind: "move", id, start: span.start, end: span.end, quote: before };
  },
  reject({ rejected }, { start, end, label, quote }, rules) {
    const key = checkPlace({ start, end, label, quote }, rules);
    if (rejected.has(key)) throw new Refusal("This suggestion is rejected already.");
    rejected.add(key);
    return { kind: "unreject", start, end, label, quote };
  },
  unreject({ rejected }, { start, end, label, quote }, rules) {
    const key = checkPlace({ start, end, label, quote }, rules);
    if (!rejected.delete(key)) throw new Refusal("This suggestion is not rejected.");
    return { kind: "reject", start, end, label, quote };
  },
  flag(draft, { flagged }) {
    if (typeof flagged !== "boolean") throw new Refusal("A flag is set or not.");
    const inverse = { kind: "flag", flagged: draft.flagged };
    draft.flagged = flagged;
    return inverse;
  },
  comment(draft, { comment }) {
    if (comment.includes("\0")) throw new Refusal("The comment is not a text: write it again.");
    if ([...comment].length > LONGEST_COMMENT) {
      throw new Refusal(`A comment has at most ${LONGEST_COMMENT} characters.`);
    }
    const inverse = { kind: "comment", comment: draft.comment };
    draft.comment = comment;
    return inverse;
  },
  batch(draft, { operations }, rules) {
    if (!operations.length || operations.length > LONGEST_BATCH) {
      throw new Refusal(`One step has 1 to ${LONGEST_BATCH} edits.`);
    }
    const inverses = operations.map((operation) => {
      if (operation.kind === "batch") throw new Refusal("A step holds no other steps.");
      return EFFECTS[operation.kind](draft, operation, rules);
    });
    return { kind: "batch", operations: inverses.reverse() };
  },
  status() {
    return { kind: "status" };
  },
};

function checkPlace({ start, end, label, quote }, rules) {
  checkRange({ start, end, quote }, rules);
  checkLabel(label, rules);
  return placeKey([start, end, label]);
}

function find(spans, id) {
  const span = spans.get(id);
  if (!span) throw new Refusal("The span is no longer there.");
  return span;
}

function checkRange({ start, end, quote }, { offsets }) {
  if (!(start >= 0 && start < end && end <= offsets.length)) {
    throw new Refusal(`The span ends at ${end} but the text has ${offsets.length} characters.`);
  }
  if (offsets.slice(start, end) !== quote) {
    throw new Refusal("The quoted text is not what stands there.");
  }
}

function checkLabel(label, { labels }) {
  if (!labels.has(label)) throw new Refusal(`This project has no label “${label}”.`);
}

function checkFree(spans, span, { allowOverlaps }) {
  for (const other of spans.values()) {
    const apart = other.end <= span.start || span.end <= other.start;
    if (apart || other.id === span.id) continue;
    const same = other.start === span.start && other.end === span.end;
    if (same && other.label === span.label) {
      throw new Refusal(`This text already has the label “${span.label}”.`);
    }
    if (!allowOverlaps) throw new Refusal("Spans may not overlap in this project.");
  }
}

// Undo and redo are steps like any other; only the stacks tell them apart. What takes back
// a step that is not on its stack counts as a new edit, and a new edit ends all redoing.
function remember(state, { undoes, redoes }, inverse, author) {
  let { undo, redo, elsewhere } = state;
  const onStack = (stack, name) => name && stack.some((step) => step.op === name);
  if (onStack(undo, undoes)) {
    undo = undo.filter((step) => step.op !== undoes);
    redo = [...redo, { op: undoes, inverse }];
  } else {
    const repeated = onStack(redo, redoes);
    redo = repeated ? redo.filter((step) => step.op !== redoes) : [];
    undo = [...undo, { op: author, inverse }];
    if (!repeated) elsewhere = { ...elsewhere, redo: null };
  }
  return { ...state, undo: undo.slice(-KEPT_STEPS), redo: redo.slice(-KEPT_STEPS), elsewhere };
}
