// One open document: what the server last confirmed, and what waits in the outbox on top.
import { applyOperation, makeRules, readState, redoing, Refusal, undoing } from "./model.js";

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
  receive({ document, state, labels, allow_overlaps: overlaps, token, endpoint }) {
    this.rules = makeRules(document.text, labels, overlaps);
    this.lane = this.outbox.lane({ token, document: document.id, endpoint });
    const quiet = this.lane.entries.length === 0;
    if (quiet && state.revision > this.base.revision) this.base = readState(state);
    this.derive();
  }

  /** Tell whether data is for what is open here: this document, this annotator. */
  shows({ document, token }) {
    const { id, text } = this.document;
    return document.id === id && document.text === text && token === this.lane.token;
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
      return this.#apply(state, op, author) ?? state;
    }, this.base);
  }

  #apply(state, operation, author) {
    try {
      return applyOperation(state, operation, author, this.rules);
    } catch (error) {
      if (error instanceof Refusal) return null;
      throw error;
    }
  }

  /** Do an operation here and send it; throw a Refusal before anything is changed. */
  edit(operation) {
    const op = { ...operation, base_revision: this.state.revision };
    this.state = applyOperation(this.state, op, this.outbox.nextAuthor(), this.rules);
    this.outbox.push(this.lane, op);
  }

  /** Take back the last step; return false where there is none. */
  undo() {
    return this.#repeat(undoing(this.state));
  }

  /** Repeat the last step taken back; return false where there is none. */
  redo() {
    return this.#repeat(redoing(this.state));
  }

  #repeat(operation) {
    if (operation) this.edit(operation);
    return Boolean(operation);
  }

  /** Take the server's word after an answer. */
  confirm(state) {
    if (state.revision >= this.base.revision) this.base = readState(state);
    this.derive();
  }

  /** End a conflict with the server's version; what was edited here is dropped. */
  keepTheirs() {
    this.base = readState(this.lane.halt.state);
    this.outbox.discard(this.lane);
    this.derive();
  }

  /** End a conflict by repeating our edits on the server's version; return how many no
   *  longer applied. */
  keepMine() {
    this.base = readState(this.lane.halt.state);
    const before = this.lane.entries.length;
    let state = this.base;
    this.outbox.reissue(this.lane, state.revision, (op, author) => {
      const next = this.#apply(state, op, author);
      state = next ?? state;
      return next !== null;
    });
    this.derive();
    return before - this.lane.entries.length;
  }
}

function isStored({ undo, redo }, author, { undoes }) {
  return undo.some((step) => step.op === author) || redo.some((step) => step.op === undoes);
}
