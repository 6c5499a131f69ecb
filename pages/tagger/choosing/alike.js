// Documents that are nearly the same: what was answered once is offered to all of them, counted
// first and in one step.
import { clip } from "../document/offsets.js";
import { Refusal } from "../document/annotation.js";
import { count, make, percent } from "../elements/elements.js";
import { makeId } from "../saving/outbox.js";
import { delivered, describeFailure } from "../saving/requests.js";
import { insist, makeRow, Picker } from "../suggestions/picker.js";

// Who answers quickly has gone on before it is asked about.
const PAUSE = 300;
const QUOTED = 28;

/** Finds what is nearly the same, for one editor. */
export class Alike {
  constructor(editor) {
    this.editor = editor;
    this.here = this.last = null;
    this.dialog = new AlikeDialog(editor, this);
  }

  /** Another document is open: how many are like it is asked once somebody stays. */
  turn() {
    this.#forget();
    const { document } = this.editor.session;
    this.timer = setTimeout(() => this.#look(document), PAUSE);
  }

  /** Ask nothing any more. */
  drop() {
    this.#forget();
    clearTimeout(this.following);
    this.last = null;
  }

  #forget() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.here = null;
  }

  /** The open document was answered: its answer can be given to those like it. */
  answered(words) {
    const { document } = this.editor.session;
    const { here } = this;
    this.last = { id: document.id, text: document.text, words, found: here };
    clearTimeout(this.following);
    if (!here) this.following = setTimeout(() => this.#follow(this.last), PAUSE);
  }

  // Who answered before it was counted is told once there is time.
  async #follow(last) {
    const found = await this.#ask(last.id, null);
    if (this.last !== last) return;
    last.found = found;
    this.editor.render();
  }

  async #look({ id }) {
    const { signal } = (this.asking = new AbortController());
    const found = await this.#ask(id, signal);
    if (signal.aborted || this.editor.session.document.id !== id) return;
    this.here = found;
    this.editor.render();
  }

  async #ask(document, signal) {
    const { requester } = this.editor;
    const answer = await requester.ask("alike", { document, list: false }, signal ?? undefined);
    return answer.status === 200 ? answer.body : null;
  }

  /** What is offered: the last answer to those like it, else how many are like this one. */
  get offer() {
    const { last, here } = this;
    const isHere = last?.id === this.editor.session.document.id;
    if (last?.found?.documents && !isHere) return { ...last.found, about: last };
    return here?.documents ? { ...here, about: null } : null;
  }

  // The document whose answer is to be given: the open one, where it has one, else the last.
  get #subject() {
    const { session } = this.editor;
    const { document, state } = session;
    const answered = state.spans.size || state.status === "done";
    if (answered) return { id: document.id, text: document.text };
    if (this.last?.found?.documents) return this.last;
    throw new Refusal("Answer this document first: the same answer can then go to all like it.");
  }

  /** Give the answer to all that are nearly the same. */
  async answer() {
    const subject = this.#subject;
    const { editor } = this;
    const { outbox, session, requester } = editor;
    const trouble = await delivered(outbox, session.lane.token);
    if (trouble) return editor.note(`Not answered: ${trouble}`, true);
    const order = { client: makeId(), seq: 1, document: subject.id };
    const answer = await insist(() => requester.ask("answerAlike", order));
    if (answer.status !== 200) {
      return editor.note(`Not answered: ${describeFailure(answer)}`, true);
    }
    return this.finish(subject, answer.body);
  }

  /** Look at them, and choose. */
  show() {
    const subject = this.#subject;
    this.dialog.open(subject);
  }

  /** Say what was done. */
  finish({ id }, { title, documents, skipped, state }) {
    const { editor } = this;
    if (editor.session.document.id === id) editor.session.confirm(state);
    this.last = this.here = null;
    editor.overtaken();
    const left = skipped ? ` · ${skipped.toLocaleString("en")} left out, changed meanwhile` : "";
    editor.note(`${count(documents, "document")} answered: ${title}${left} · Undo takes it back`);
    editor.pager.refresh();
  }
}

/** Return how many are alike in words. */
export function describeAlike({ documents, same, about }) {
  const exactly = same ? `, ${same.toLocaleString("en")} of them exactly` : "";
  const how = same === documents ? "just like it" : `nearly the same${exactly}`;
  if (!about) return `${count(documents, "more text")} ${how}`;
  const quote = clip(about.text.trim().replace(/\s+/g, " "), QUOTED);
  return `“${quote}”: ${about.words} · ${count(documents, "more text")} ${how}`;
}

// The texts that are alike, each with how much of it is the same.
class AlikeDialog extends Picker {
  constructor(editor, alike) {
    super(editor);
    this.alike = alike;
  }

  get verb() {
    return "Answer";
  }

  get doing() {
    return "Answering…";
  }

  open(subject) {
    this.subject = subject;
    this.show(`Give the answer of “${clip(subject.text.trim(), 60)}” to`);
  }

  find(signal) {
    const { id: document } = this.subject;
    return this.editor.requester.ask("alike", { document, list: true }, signal);
  }

  found(hits) {
    const none = "No open text is nearly the same: what is answered is left alone.";
    return hits.length ? `${count(hits.length, "text")} to do, the most alike first` : none;
  }

  spread(chosen) {
    return count(chosen.length, "text");
  }

  makeHit({ name, text, share }) {
    const shown = make("span", { class: "context", dir: "auto" }, text);
    return makeRow(shown, share === 1 ? "the same" : percent(share), name && ` · ${name}`);
  }

  send(order, chosen) {
    const documents = chosen.map(({ document }) => document);
    return this.editor.requester.ask("answerAlike", { ...order, document: this.subject.id, documents });
  }

  finish(body) {
    this.alike.finish(this.subject, body);
  }
}
