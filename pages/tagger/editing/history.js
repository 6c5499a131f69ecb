// Undo and redo over the whole project: a step of the open document is taken here, any
// other by the server, one at a time and in order.
import { describeOperation, Refusal, redoing, undoing } from "../document/annotation.js";
import { count } from "../elements/elements.js";
import { delivered, describeFailure } from "../saving/requests.js";
import { UNKNOWN } from "./session.js";

const WORDS = {
  undo: { busy: "Undoing…", done: "Undone", not: "Not undone", none: "Nothing to undo" },
  redo: { busy: "Redoing…", done: "Redone", not: "Not redone", none: "Nothing to redo" },
};
// The newest step may turn out to be another one that often before we give up.
const TRIES = 5;
// From then on it is said that something is on its way.
const PATIENCE = 500;

/** Tell which directions have a step to take: {undo, redo}. */
export function stepsLeft({ undo, redo, elsewhere }) {
  const left = (steps, other) => steps.length > 0 || other !== null;
  return { undo: left(undo, elsewhere.undo), redo: left(redo, elsewhere.redo) };
}

/** Takes steps back and repeats them, for one editor. */
export class History {
  constructor(editor) {
    this.editor = editor;
    this.wanted = [];
    this.busy = false;
  }

  /** Take one step, "undo" or "redo"; those asked for meanwhile follow in order. */
  take(direction) {
    this.wanted.push(direction);
    this.editor.dropOffers();
    if (!this.busy) this.#work();
  }

  async #work() {
    this.busy = true;
    try {
      while (this.wanted.length) {
        const direction = this.wanted.shift();
        if (this.editor.pager.opening !== null) await this.editor.arrived();
        if (this.#takeHere(direction) !== null) await this.#askServer(direction);
      }
    } finally {
      this.wanted = [];
      this.busy = false;
    }
    this.editor.render();
  }

  // Takes the newest step where it is one of this document and returns null; else returns the
  // name of the step that the server is to take, "" where there is none.
  #takeHere(direction) {
    const { session, note } = this.editor;
    const { state } = session;
    const step = state[direction].at(-1);
    const other = state.elsewhere[direction];
    // A step without a number is not on the server yet: nothing is newer.
    const newest = step && (step.n === undefined || !other || step.n > other.n);
    if (!newest || (step.n !== undefined && this.#othersWait())) return other?.op ?? "";
    try {
      session.edit(direction === "undo" ? undoing(state) : redoing(state));
      note(`${WORDS[direction].done}: ${this.#describe(direction, step.inverse, state)}`);
      return null;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // What stands in its way was done by others, or to the labels: the server leads past it.
      return step.op;
    }
  }

  // What a step that was just taken did, or took back; in the words of the server.
  #describe(direction, inverse, before) {
    const { session } = this.editor;
    const undoes = direction === "undo";
    const turned = session.state[undoes ? "redo" : "undo"].at(-1).inverse;
    const [did, undid] = undoes ? [turned, inverse] : [inverse, turned];
    const span = before.spans.get(did.id) ?? session.state.spans.get(did.id);
    return describeOperation(did, undid, span && { label: span.label, quote: this.editor.quote(span) });
  }

  #othersWait() {
    const { outbox, session } = this.editor;
    const waits = (lane) => lane.scope === session.lane.scope && lane.entries.length > 0;
    return [...outbox.lanes.values()].some((lane) => lane !== session.lane && waits(lane));
  }

  async #askServer(direction) {
    const { editor } = this;
    const slow = setTimeout(() => editor.note(WORDS[direction].busy), PATIENCE);
    try {
      await this.#takeElsewhere(direction);
    } finally {
      clearTimeout(slow);
    }
  }

  async #takeElsewhere(direction) {
    const { editor } = this;
    const { not, none } = WORDS[direction];
    const trouble = await delivered(editor.outbox, editor.session.lane.token);
    if (trouble) return editor.note(`${not}: ${trouble}`, true);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const expects = this.#takeHere(direction);
      if (expects === null) return null;
      // That nothing is left may have been said before the newest edit was stored.
      const answer = await this.#request(direction, expects || UNKNOWN.op);
      if (answer.status === 200) return this.#follow(direction, answer.body);
      if (answer.status === 404) return editor.note(none);
      if (answer.status !== 409) return editor.note(`${not}: ${describeFailure(answer)}`, true);
    }
    return editor.note(`${not}: another page is at work in this project. Try again.`, true);
  }

  async #request(direction, expects) {
    const { session, requester } = this.editor;
    const { document } = session.lane;
    const answer = await requester.ask("undo", { document, direction, expects });
    if (answer.body?.state) session.confirm(answer.body.state);
    return answer;
  }

  // What was done in another document is shown there.
  async #follow(direction, { title, document, documents, spans, skipped }) {
    const { editor } = this;
    const mark = editor.session.rules.marksWhole ? "label" : "span";
    const many = `${count(spans, mark)} in ${count(documents, "document")} · `;
    const left = skipped ? ` · ${skipped.toLocaleString("en")} left as they are now` : "";
    const text = `${WORDS[direction].done}: ${spans > 1 ? many : ""}${title}${left}`;
    editor.overtaken();
    // An action may have changed labels or rules, which the page knows.
    if (document === null) editor.pager.refresh();
    const away = !editor.leave && document !== null && document !== editor.session.document.id;
    if (away) editor.pager.open(document);
    if (!away || (await editor.arrived())) editor.note(text);
  }
}
