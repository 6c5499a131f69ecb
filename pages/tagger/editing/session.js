// One open document: what the server last confirmed, and what waits in the outbox on top.
import { scopeOf } from "../saving/localstorage.js";
import { compareVersions, planMerge, replay } from "../document/merge.js";
import {
  applyIfFit,
  applyOperation,
  makeRules,
  readState,
  writeState,
} from "../document/annotation.js";

/** A step elsewhere that is newer than any here; only the server knows which one it is. */
export const UNKNOWN = { op: "unknown", n: Infinity, title: "", document: null };

/** The annotation being edited; `state` is what the person sees. */
export class Session {
  constructor(data, outbox) {
    this.outbox = outbox;
    this.document = data.document;
    this.tokens = data.document.tokens;
    this.base = readState(data.state);
    this.receive(data);
  }

  /** Take what a rerun of the page sent; older news and news of our own edits are ignored. */
  receive({ document, state, token, endpoint, ...data }) {
    this.rules = rulesFor(document.text, data);
    this.lane = this.outbox.lane({ token, document: document.id, endpoint });
    this.lane.origin = () => writeState(this.base);
    const quiet = this.lane.entries.length === 0;
    // The same revision may bring news of what can be undone elsewhere, but the page may have
    // been drawn before what overtook it was stored.
    const { elsewhere } = this.base;
    if (quiet && state.revision >= this.base.revision) this.base = readState(state);
    if (elsewhere.undo === UNKNOWN) this.base = { ...this.base, elsewhere };
    // The page may have been drawn just before the newest edits were stored.
    this.advance(this.lane.taken);
    this.derive();
  }

  /** Tell whether data is for what is open here: this document, this annotator. */
  shows({ document, token }) {
    const { id, text } = this.document;
    return document.id === id && document.text === text && scopeOf(token) === this.lane.scope;
  }

  /** Put what waits in the outbox on top of what the server confirmed. */
  derive() {
    const behind = new Set();
    this.state = this.lane.entries.reduce((state, { client, op }) => {
      const author = `${client}:${op.seq}`;
      // Stored already, and only its answer was lost; or made on what is no longer there:
      // then the server decides, and what its client did after it waits too.
      const fits = op.base_revision === state.revision;
      if (!fits && !isStored(this.base, author, op)) behind.add(client);
      if (!fits || behind.has(client)) return state;
      return applyIfFit(state, op, author, this.rules) ?? state;
    }, this.base);
  }

  /** Do an operation here and send it; throw a Refusal before anything is changed. */
  edit(operation) {
    const op = { ...operation, base_revision: this.state.revision };
    this.state = applyOperation(this.state, op, this.outbox.nextAuthor(), this.rules);
    this.outbox.push(this.lane, op);
  }

  /** Do several operations as one step. */
  editAll(operations) {
    const [first, ...more] = operations;
    this.edit(more.length ? { kind: "batch", operations } : first);
  }

  /** Edits of another document were stored: a step there is the newest now. */
  overtake() {
    this.base = { ...this.base, elsewhere: { undo: UNKNOWN, redo: null } };
    this.derive();
  }

  /** Take the server's word after an answer. */
  confirm(state) {
    if (state.revision >= this.base.revision) this.base = readState(state);
    this.derive();
  }

  /** Take in edits of ours that the server has stored, in their order. */
  advance(entries) {
    for (const { client, op, n } of entries) {
      if (op.base_revision !== this.base.revision) continue;
      // The server has judged them; labels may have changed here since.
      const rules = { ...this.rules, labels: { has: () => true }, allowOverlaps: true };
      const next = applyIfFit(this.base, op, `${client}:${op.seq}`, rules);
      if (next) this.base = numberStep(next, n);
    }
  }

  /** Take an answer to edits that were stored: a whole state, or only what we cannot know. */
  hear({ state, revision, elsewhere }) {
    // Should the two ever differ, the next answer brings the server's state whole.
    this.lane.lean = Boolean(state) || this.base.revision >= revision;
    if (state) return this.confirm(state);
    this.base = { ...this.base, elsewhere };
    return this.derive();
  }

  /** Return both versions of a document that was changed elsewhere, and how they differ; null
   *  where it was not. `lost` counts the edits that do not fit what they were made on. */
  compare() {
    const { halt, entries } = this.lane;
    if (halt?.kind !== "conflict") return null;
    const theirs = readState(halt.state);
    const base = this.#origin() ?? theirs;
    const { state: mine, lost } = replay(base, entries, this.rules);
    const differences = compareVersions(base, theirs, mine, this.rules);
    return { theirs, mine, differences, lost };
  }

  #origin() {
    const { revision } = this.base;
    if (revision === this.lane.entries[0].op.base_revision) return this.base;
    const kept = this.outbox.base(this.lane);
    return kept && readState(kept);
  }

  /** End a conflict: what was chosen for each difference goes on top of theirs. */
  merge({ theirs, differences }, choices) {
    const operations = planMerge(theirs, differences, choices, this.rules);
    this.base = theirs;
    this.outbox.replace(this.lane, theirs.revision, operations);
    this.derive();
  }
}

/** Gather the rules of a document's edits from what the page sends. */
export function rulesFor(text, { labels, allow_overlaps: overlaps, marks_whole, edits }) {
  return makeRules(text, labels, overlaps, { marksWhole: marks_whole, edits });
}

// Of the steps that can be taken back or repeated only the newest has no number yet.
function numberStep({ undo, redo, ...rest }, n) {
  const number = (steps) => {
    const last = steps.at(-1);
    return last && last.n === undefined ? [...steps.slice(0, -1), { ...last, n }] : steps;
  };
  return { ...rest, undo: number(undo), redo: number(redo) };
}

function isStored({ undo, redo }, author, { undoes }) {
  return undo.some((step) => step.op === author) || redo.some((step) => step.op === undoes);
}
