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
    const many = count(this.found.documents, "document");
    const text = `${many} would be done with what the model says; ${describeRecord(this.found)}. Press the key again to`;
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
    const { documents, skipped, state } = answer.body;
    const left = skipped ? ` · ${skipped.toLocaleString("en")} left out, changed meanwhile` : "";
    editor.overtaken();
    if (editor.session.document.id === document.id) editor.session.confirm(state);
    editor.note(`${count(documents, "document")} accepted${left} · Undo takes it back`);
    editor.pager.refresh();
    return this.refresh();
  }
}

/** Say how often a model that was so sure was right on dev, and of which label least often. */
export function describeRecord({ right, total, labels = [] }) {
  if (!total) return "on dev it was never so sure";
  return `on dev ${percent(right / total)} of such answers are right (${of(right, total)})${weakest(right / total, labels)}`;
}

// One threshold is for all labels: that one of them is less sure than the others is said.
function weakest(share, labels) {
  const [least] = labels;
  if (!least || (least.total && least.right / least.total >= share)) return "";
  const { label, right, total, documents } = least;
  const given = `given to ${count(documents, "document")}`;
  if (!total) return `, but never “${label}”, ${given}`;
  return `, of “${label}” ${percent(right / total)} (${of(right, total)}), ${given}`;
}

function of(right, total) {
  return `${right.toLocaleString("en")} of ${total.toLocaleString("en")}`;
}
