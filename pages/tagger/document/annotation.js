// The state of one annotation and what each operation does to it: what the browser needs of the
// journal's rules (storage/journal) to paint an edit at once. Both halves are held to one file of
// cases, tests/fixtures/edits.json. Pure functions: a state is never changed in place.
import { clip, Offsets } from "./offsets.js";
import { clash, isWhole, placeKey, readPlaceKey } from "./places.js";

export const LARGEST_BATCH = 5000;
export const LONGEST_COMMENT = 2000;
const KEPT_STEPS = 200;
const LONGEST_QUOTE = 40;
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
    confirmed: new Set((sent.confirmed ?? []).map(placeKey)),
    flagged: sent.flagged ?? false,
    comment: sent.comment ?? "",
    undo: sent.undo ?? [],
    redo: sent.redo ?? [],
    elsewhere: sent.elsewhere ?? NOWHERE,
  };
}

/** Return what of a state another page load needs to go on from it; its steps stay behind. */
export function writeState({ revision, status, spans, flagged, comment, ...judged }) {
  const [rejected, confirmed] = [judged.rejected, judged.confirmed].map((places) =>
    [...places].map(readPlaceKey),
  );
  return { revision, status, spans: [...spans.values()], rejected, confirmed, flagged, comment };
}

/** Gather what the rules look at: the text, the labels, whether spans may overlap; whether marks
 *  stand for the whole document, and the kinds of edit that there are (null: all). */
export function makeRules(text, labels, allowOverlaps, { marksWhole = false, edits = null } = {}) {
  const names = new Set(labels.map((label) => label.name));
  const taken = edits && new Set(edits);
  return { offsets: new Offsets(text), labels: names, allowOverlaps, marksWhole, edits: taken };
}

/** Return the state after an operation; throw a Refusal that says why not. */
export function applyOperation(state, operation, author, rules) {
  const [rejected, confirmed] = [new Set(state.rejected), new Set(state.confirmed)];
  const spans = new Map(state.spans);
  const draft = { ...state, revision: state.revision + 1, spans, rejected, confirmed };
  const inverse = { ...change(draft, operation, rules), status: state.status };
  const started = state.status === "untouched" ? "in progress" : state.status;
  draft.status = operation.status ?? started;
  return remember(draft, operation, inverse, author);
}

// Changes the draft of a state; returns what takes that back.
function change(draft, operation, rules) {
  const { kind } = operation;
  const taken = kind === "batch" || !rules.edits || rules.edits.has(kind);
  if (!taken) throw new Refusal(`Documents of this project take no edit called '${kind}'.`);
  return KINDS[kind].apply(draft, operation, rules);
}

/** Return the state after an operation, or null where it is refused. */
export function applyIfFit(state, operation, author, rules) {
  try {
    return applyOperation(state, operation, author, rules);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** Say in words what an operation did, from it, the one that takes it back, and the label and
 *  the quote of the span that it names. */
export function describeOperation(operation, inverse, span = null) {
  const about = { ...span, ...(operation.span ?? inverse.span ?? operation) };
  return KINDS[operation.kind].words(about, operation);
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

// The kinds of edit. `apply` changes the draft of a state and returns the operation that takes
// it back; `words` says what was done, of `about`: the label and the quote.
const KINDS = {
  add: {
    apply({ spans }, { span }, rules) {
      checkRange(span, rules);
      checkLabel(span.label, rules);
      if (spans.has(span.id)) throw new Refusal("This label is there already: nothing was changed.");
      checkFree(spans, span, rules);
      const { quote, ...kept } = span;
      spans.set(span.id, { source: "person", score: null, ...kept });
      return { kind: "remove", id: span.id };
    },
    words: (about) => nameLabelled(about),
  },
  remove: {
    apply({ spans }, { id }, rules) {
      const span = find(spans, id);
      spans.delete(id);
      return { kind: "add", span: { ...span, quote: quoteOf(span, rules) } };
    },
    words: (about) => `deleting ${nameLabelled(about)}`,
  },
  relabel: {
    apply({ spans }, { id, label }, rules) {
      const span = find(spans, id);
      checkLabel(label, rules);
      checkFree(spans, { ...span, label }, rules);
      spans.set(id, { ...span, label });
      return { kind: "relabel", id, label: span.label };
    },
    words: (about) => nameLabelled(about),
  },
  move: {
    apply({ spans }, { id, start, end, quote }, rules) {
      const span = find(spans, id);
      const moved = { ...span, start, end };
      checkRange({ ...moved, quote }, rules);
      checkFree(spans, moved, rules);
      spans.set(id, moved);
      return { kind: "move", id, start: span.start, end: span.end, quote: quoteOf(span, rules) };
    },
    words: ({ label, quote }) =>
      nameLabelled({ label: label ? `a border of ${label}` : "a border", quote }),
  },
  reject: judging("rejected", "unreject", "rejecting", "This suggestion is rejected already"),
  unreject: withdrawing(
    "rejected",
    "reject",
    "no longer rejecting",
    "This suggestion is not rejected any more",
  ),
  confirm: judging("confirmed", "unconfirm", "confirming", "This mark is confirmed already"),
  unconfirm: withdrawing(
    "confirmed",
    "confirm",
    "no longer confirming",
    "This mark is not confirmed any more",
  ),
  flag: {
    apply(draft, { flagged }) {
      const inverse = { kind: "flag", flagged: draft.flagged };
      draft.flagged = flagged;
      return inverse;
    },
    words: () => "the flag",
  },
  comment: {
    apply(draft, { comment }) {
      if (comment.includes("\0")) throw new Refusal("The comment is not a text: write it again.");
      const { length } = [...comment];
      if (length > LONGEST_COMMENT) {
        const most = LONGEST_COMMENT.toLocaleString("en");
        throw new Refusal(`The comment has ${length} characters: use at most ${most}.`);
      }
      const inverse = { kind: "comment", comment: draft.comment };
      draft.comment = comment;
      return inverse;
    },
    words: () => "the comment",
  },
  status: {
    apply: () => ({ kind: "status" }),
    words: (about, { status }) => `the status “${status}”`,
  },
  batch: {
    apply(draft, { operations }, rules) {
      if (!operations.length || operations.length > LARGEST_BATCH) {
        const most = LARGEST_BATCH.toLocaleString("en");
        throw new Refusal(`A step holds 1 to ${most} edits: do it in several steps.`);
      }
      const inverses = operations.map((operation) => {
        if (operation.kind === "batch") {
          throw new Refusal("A step cannot hold another one: reload the page.");
        }
        return change(draft, operation, rules);
      });
      return { kind: "batch", operations: inverses.reverse() };
    },
    words: (about, { operations: { length } }) =>
      length > 1 ? `${length.toLocaleString("en")} edits at once` : "an edit",
  },
};

// What a person thinks of a labelled place: noted in one of the state's sets.
function judging(held, opposite, verb, problem) {
  return judgement(opposite, verb, (draft, key) => {
    if (draft[held].has(key)) throw new Refusal(`${problem}: nothing was changed.`);
    draft[held].add(key);
  });
}

// The same, taken back.
function withdrawing(held, opposite, verb, problem) {
  return judgement(opposite, verb, (draft, key) => {
    if (!draft[held].delete(key)) throw new Refusal(`${problem}: nothing was changed.`);
  });
}

function judgement(opposite, verb, change) {
  return {
    apply(draft, { start, end, label, quote }, rules) {
      change(draft, checkPlace({ start, end, label, quote }, rules));
      return { kind: opposite, start, end, label, quote };
    },
    words: (about) => `${verb} ${nameLabelled(about)}`,
  };
}

function nameLabelled({ label = "", quote }) {
  return quote ? `${label} on “${clip(quote, LONGEST_QUOTE)}”` : label;
}

function checkPlace({ start, end, label, quote }, rules) {
  checkRange({ start, end, quote }, rules);
  checkLabel(label, rules);
  return placeKey([start, end, label]);
}

function find(spans, id) {
  const span = spans.get(id);
  if (!span) throw new Refusal("This label is not there any more: reload the page.");
  return span;
}

function quoteOf({ start, end }, { offsets }) {
  return offsets.slice(start, end);
}

function checkRange({ start, end, quote }, { offsets, marksWhole }) {
  if (marksWhole) {
    if (isWhole({ start, end }) && !quote) return;
    throw new Refusal("A label stands for the whole document here: reload the page.");
  }
  if (start < 0 || start >= end) {
    throw new Refusal(`The span goes from ${start} to ${end}, so it holds nothing.`);
  }
  if (end > offsets.length) {
    throw new Refusal(`The span ends at ${end} but the text has ${offsets.length} characters.`);
  }
  const there = offsets.slice(start, end);
  if (there !== quote) {
    throw new Refusal(
      `The text from ${start} to ${end} reads "${there}", not "${quote}": reload the page.`,
    );
  }
}

function checkLabel(label, { labels }) {
  if (labels.has(label)) return;
  throw new Refusal(`The project has no label '${label}': add it, or reload the page.`);
}

function checkFree(spans, span, rules) {
  for (const other of spans.values()) {
    const problem = other.id === span.id ? null : clash(span, other, rules);
    if (problem === "same") {
      const what = isWhole(span) ? "The document is" : "These characters are";
      throw new Refusal(`${what} labelled ${span.label} already.`);
    }
    if (problem && isWhole(span)) {
      throw new Refusal(
        `The document is labelled ${other.label} already: change that; in this ` +
          "project a document has one label.",
      );
    }
    if (problem) {
      throw new Refusal(
        `The span overlaps "${quoteOf(other, rules)}" (${other.label}): remove that one first, ` +
          "or allow overlaps in the project's settings.",
      );
    }
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
