// The state of one annotation and what each operation does to it: the browser's
// half of the journal's rules. Pure functions: a state is never changed in place.
import { Offsets } from "./offsets.js";

const KEPT_STEPS = 200;

/** An operation that would damage the data; the message is for people. */
export class Refusal extends Error {}

/** Make a state from what the server sends. */
export function readState(sent) {
  return {
    revision: sent.revision,
    status: sent.status,
    spans: new Map(sent.spans.map((span) => [span.id, span])),
    undo: sent.undo ?? [],
    redo: sent.redo ?? [],
  };
}

/** Gather what the rules look at: the text, the labels, whether spans may overlap. */
export function makeRules(text, labels, allowOverlaps) {
  const names = new Set(labels.map((label) => label.name));
  return { offsets: new Offsets(text), labels: names, allowOverlaps };
}

/** Return the state after an operation; throw a Refusal that says why not. */
export function applyOperation(state, operation, author, rules) {
  const spans = new Map(state.spans);
  const inverse = { ...EFFECTS[operation.kind](spans, operation, rules), status: state.status };
  const started = state.status === "untouched" ? "in progress" : state.status;
  const status = operation.status ?? started;
  const next = { ...state, revision: state.revision + 1, status, spans };
  return remember(next, operation, inverse, author);
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
  return inOrder(spans).filter(
    (span) => span.id !== except && span.start < range.end && range.start < span.end,
  );
}

// Each effect edits the copied spans and returns the inverse operation.
const EFFECTS = {
  add(spans, { span }, rules) {
    if (spans.has(span.id)) throw new Refusal("This span is already there.");
    checkRange(span, rules);
    checkLabel(span.label, rules);
    checkFree(spans, span, rules);
    const { quote, ...kept } = span;
    spans.set(span.id, { source: "person", score: null, ...kept });
    return { kind: "remove", id: span.id };
  },
  remove(spans, { id }, rules) {
    const span = find(spans, id);
    spans.delete(id);
    const quote = rules.offsets.slice(span.start, span.end);
    return { kind: "add", span: { ...span, quote } };
  },
  relabel(spans, { id, label }, rules) {
    const span = find(spans, id);
    checkLabel(label, rules);
    checkFree(spans, { ...span, label }, rules);
    spans.set(id, { ...span, label });
    return { kind: "relabel", id, label: span.label };
  },
  move(spans, { id, start, end, quote }, rules) {
    const span = find(spans, id);
    const moved = { ...span, start, end };
    checkRange({ ...moved, quote }, rules);
    checkFree(spans, moved, rules);
    spans.set(id, moved);
    const before = rules.offsets.slice(span.start, span.end);
    return { kind: "move", id, start: span.start, end: span.end, quote: before };
  },
  status() {
    return { kind: "status" };
  },
};

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
  for (const other of overlapping(spans, span, span.id)) {
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
  let { undo, redo } = state;
  const onStack = (stack, name) => name && stack.some((step) => step.op === name);
  if (onStack(undo, undoes)) {
    undo = undo.filter((step) => step.op !== undoes);
    redo = [...redo, { op: undoes, inverse }];
  } else {
    redo = onStack(redo, redoes) ? redo.filter((step) => step.op !== redoes) : [];
    undo = [...undo, { op: author, inverse }];
  }
  return { ...state, undo: undo.slice(-KEPT_STEPS), redo: redo.slice(-KEPT_STEPS) };
}
