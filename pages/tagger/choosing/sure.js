// What a model is sure of, all over the project: counted, held against dev, and answered in one
// step.
import { count, percent } from "../elements/elements.js";
import { makeId } from "../saving/outbox.js";
import { delivered, describeFailure } from "../saving/requests.js";
import { insist } from "../suggestions/picker.js";

/** Counts and accepts it, for one editor. */
export class Sure {
  constructor(editor) {
    this.editor = editor;
    this.found = this.asked = null;
  }

  /** Take how sure the model must be: another threshold, or another model, is counted anew. */
  receive({ suggestions, project }, threshold) {
    const asked = JSON.stringify([project, suggestions?.run ?? null, threshold]);
    if (!suggestions || asked === this.asked) return;
    this.asked = asked;
    this.refresh();
  }

  /** Count anew. */
  async refresh() {
    const answer = await this.#ask();
    if (answer.status !== 200) return;
    this.found = answer.body;
    this.editor.render();
  }

  #ask() {
    const { requester, session, guesses } = this.editor;
    return requester.ask("sure", { document: session.document.id, threshold: guesses.threshold });
  }

  /** Count, and offer to accept all. */
  async offer() {
    const { editor } = this;
    const { outbox, session, guesses } = editor;
    const trouble = await delivered(outbox, session.lane.token);
    if (trouble) return editor.note(`Not counted: ${trouble}`, true);
    const answer = await this.#ask();
    if (answer.status !== 200) return editor.note(`Not counted: ${describeFailure(answer)}`, true);
    this.found = answer.body;
    const { threshold } = guesses;
    if (!this.found.documents) return editor.note(`Of no open document the model is ${percent(threshold)} sure`);
    const text = `${count(this.found.documents, "document")} would be done with what the model says; ${describeRecord(this.found)}. Press the key again to`;
    return editor.propose({ kind: "sure", text, caption: "accept all", agree: () => this.accept(threshold) });
  }

  /** Accept all, as one step. */
  async accept(threshold) {
    const { editor } = this;
    const { requester, session } = editor;
    const { document } = session;
    const order = { client: makeId(), seq: 1, document: document.id, threshold };
    const answer = await insist(() => requester.ask("answerSure", order));
    if (answer.status !== 200) return editor.note(`Not accepted: ${describeFailure(answer)}`, true);
    const { documents, state } = answer.body;
    editor.overtaken();
    if (editor.session.document.id === document.id) editor.session.confirm(state);
    editor.note(`${count(documents, "document")} accepted · Undo takes it back`);
    editor.pager.refresh();
    return this.refresh();
  }
}

/** Say how often a model that was so sure was right on dev. */
export function describeRecord({ right, total }) {
  if (!total) return "on dev it was never so sure";
  const share = percent(right / total);
  return `on dev ${share} of such answers are right (${right.toLocaleString("en")} of ${total.toLocaleString("en")})`;
}
