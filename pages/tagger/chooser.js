// The controller where documents as a whole are labelled: an answer is one key, and leads on.
import { Editor } from "./editor.js";
import { COMMANDS } from "./keys/commands.js";
import { answering, asStep, doubting, emptying, madeBy, taking, toggling } from "./choosing/answers.js";
import { Alike } from "./choosing/alike.js";
import { Guesses } from "./choosing/guesses.js";
import { listing, withSure } from "./choosing/tree.js";
import { ChoiceRenderer } from "./choosing/renderer.js";
import { Sure } from "./choosing/sure.js";
import { Ahead } from "./queue/ahead.js";
import { showNotes } from "./editing/notes.js";
import { Refusal } from "./document/annotation.js";

const NO_GUESS = "No model has a guess for this key here.";
const NO_CANDIDATES = "A text alone has no candidates: this is for pairs.";
const EMPTY = { kind: "none", text: "No label is given. Press the key again for", caption: "none of these" };

/** The tagger of whole documents: one label each, or several. */
export class Chooser extends Editor {
  constructor(root, outbox, options) {
    super(root, outbox, options);
    this.guesses = new Guesses();
    this.ahead = new Ahead(this);
    this.local = null;
    this.alike = new Alike(this);
    this.sure = new Sure(this);
    this.offer = null;
    this.renderer.view.offers.choose = (threshold) => {
      this.guesses.setThreshold(threshold);
      this.sure.receive(this.data, threshold);
      this.renderer.focus();
      this.render();
    };
  }

  get commands() {
    return COMMANDS.whole;
  }

  makeRenderer(act, place) {
    return new ChoiceRenderer(this.root, act, place);
  }

  /** Whether a document has one label: then an answer leads on to the next. */
  get single() {
    return !this.session.rules.allowOverlaps;
  }

  opened() {
    this.offer = null;
    this.renderer.open(this.session);
    if (!this.leave) this.alike.turn();
  }

  suggested(data) {
    this.guesses.receive(data);
    if (!this.leave) this.sure.receive(data, this.guesses.threshold);
  }

  changes(suggestions) {
    return this.guesses.changes({ ...this.data, suggestions });
  }

  exchange(id, suggestions, entry) {
    this.ahead.exchange(id, suggestions, entry);
  }

  get aheadIds() {
    return [...this.ahead.known.keys()];
  }

  received(data) {
    this.suggested(data);
    this.renderer.view.candidates.hidden = Boolean(this.leave) || !data.candidates;
    if (!this.leave) this.ahead.fill();
  }

  dropOffers() {
    this.alike?.drop();
  }

  close() {
    this.ahead.stop();
    super.close();
  }

  overtaken() {
    this.ahead.clear();
  }

  // Who answers quickly is ahead of the page: what it says of a document that was passed does not
  // bring that back. What the person chose there does.
  current(data) {
    const { pager, session } = this;
    const here = session?.document.id;
    const follows = here === undefined || [here, pager.opening].includes(data.document.id);
    if (follows || !this.#isBehind(data)) {
      this.local = null;
      return data;
    }
    const { document, state, suggestions } = this.data;
    const queue = movedTo(data.queue, data.document.id, here);
    return { ...data, document, state, suggestions, focus: null, queue };
  }

  #isBehind({ project, queue, document }) {
    if (!this.local && this.pager.opening === null) return false;
    const same = project === this.data.project && queue.name === this.data.queue.name;
    return same && this.ahead.isPast(document.id) && queue.ids.includes(this.session.document.id);
  }

  // Whether the queue has more than the page has told of.
  #goesOn(by) {
    const { index, total } = this.data.queue;
    const to = index + by;
    return !this.leave && this.pager.opening === null && to >= 0 && to < total;
  }

  async #catchUp(by) {
    this.pager.open(this.session.document.id);
    if (await this.arrived()) this.attempt(() => this.page(by));
  }

  /** Open the next or the previous document: at once where it is here already. */
  page(by) {
    const id = this.pager.opening === null ? this.pager.beside(by) : undefined;
    const known = this.leave ? null : this.ahead.take(id);
    if (id === undefined && this.#goesOn(by)) return this.#catchUp(by);
    if (!known) return super.page(by);
    const { undo, elsewhere } = this.session.state;
    this.ahead.told.add(this.session.document.id);
    this.local = known;
    const queue = movedTo(this.data.queue, this.session.document.id, id);
    this.take({ ...this.data, ...known, focus: null, queue }, this.pager.ask);
    // What was fetched before the last step does not know of it.
    if (undo.length || elsewhere.undo) this.session.overtake();
    return this.ahead.tell();
  }

  /** What the model guesses comes first; as long as nothing is typed, a tree of all behind it. */
  ranked(typed) {
    const { data, guesses } = this;
    const ordered = guesses.order(data.labels).map((label) => withSure(label, guesses));
    return typed ? ordered : listing(ordered);
  }

  askAnew() {
    this.palette.open();
  }

  /** Answer with a label and go on; where there may be several, give it or take it back. */
  useLabel(name, made = {}) {
    const { state } = this.session;
    if (this.single) return this.#answer(answering(state, name, made), name);
    const steps = toggling(state, name, made);
    this.session.editAll(steps);
    return this.tell(steps[0].kind === "add" ? name : `${name} taken back`);
  }

  /** Answer with one of the model's first guesses. */
  useGuess(index) {
    const guess = this.guesses.shown[index];
    if (!guess) throw new Refusal(this.data.withheld || NO_GUESS);
    this.useLabel(guess.label, madeBy(guess.score));
  }

  /** Take what the model says: as the answer, or all labels that it gives. */
  accept() {
    const { said } = this.guesses;
    if (!said.length) throw new Refusal("The model says nothing about this document.");
    if (this.single) return this.useLabel(said[0].label, madeBy(said[0].score));
    const steps = taking(this.session.state, said);
    if (!steps.length) throw new Refusal("The document has all labels that the model gives.");
    return this.session.editAll(steps);
  }

  /** None of these: done, without a label. */
  answerNone() {
    this.#answer(emptying(this.session.state), "None of these");
  }

  /** Flag the document, skip it, and go on: somebody should look again. */
  answerUnsure() {
    this.#answer(doubting(this.session.state), "Unsure", "skipped");
  }

  /** List all pairs that have this left text. */
  showCandidates() {
    if (this.leave || !this.data.candidates) throw new Refusal(NO_CANDIDATES);
    this.pager.view("candidates");
  }

  /** Say first why one is unsure. */
  explainUnsure() {
    this.notes.open(() => this.attempt(() => this.answerUnsure()));
  }

  // One step, whatever it takes: undo brings the document back as it was.
  #answer(steps, words, status = "done") {
    const { state } = this.session;
    if (steps.length || state.status !== status) this.session.edit(asStep(steps, status));
    if (status === "done" && !this.leave) this.alike.answered(words);
    this.tell(words);
    this.goOn();
  }

  /** Open the next document; in a row of a list go back to it. */
  goOn() {
    if (this.leave) this.leave();
    else this.page(1);
  }

  /** Mark done and go on; that there is no label is asked once. */
  finish(status) {
    const { spans, status: now } = this.session.state;
    if (status === "done" && spans.size && !this.leave) {
      this.alike.answered([...spans.values()].map(({ label }) => label).join(", "));
    }
    if (status !== "done" || spans.size || now === "done" || this.leave) return super.finish(status);
    if (this.asked?.kind === "none") return this.answerNone();
    this.offer = { ...EMPTY, agree: () => this.answerNone() };
    return null;
  }

  /** Accept all that the model is sure of, once it was counted and said. */
  acceptAll() {
    if (this.asked?.kind === "sure") return this.asked.agree();
    return this.sure.offer();
  }

  /** Offer something that is done when the key is pressed again. */
  propose(offer) {
    this.offer = offer;
    this.tell(offer.text);
    this.render();
  }

  /** Do what was offered. */
  agree() {
    this.asked?.agree();
  }

  attempt(act) {
    // An offer stands until the next command.
    this.asked = this.offer;
    this.offer = null;
    super.attempt(act);
    if (this.offer) this.tell(this.offer.text);
  }

  /** What can be made an example: the text, of the label that it has. */
  get exemplary() {
    const [given] = this.session.state.spans.values();
    return { start: 0, end: 0, label: given?.label };
  }

  /** The labels that the guideline is to describe now: those given, then those guessed. */
  get guided() {
    const { state } = this.session;
    const given = [...state.spans.values()].map(({ label }) => label);
    const wanted = new Set([...given, ...this.guesses.shown.map(({ label }) => label)]);
    const { labels } = this.data;
    const named = [...wanted].map((name) => labels.find((label) => label.name === name));
    return named.length ? named.filter(Boolean) : labels.filter(({ description }) => description);
  }

  /** Show everything as it is now. */
  render() {
    const { session, guesses, alike, sure, offer, single } = this;
    const standing = this.standing();
    this.renderer.show({ session, guesses, alike, sure, offer, single, ...standing });
    if (!standing.waiting) this.conflicts.follow();
    showNotes(this.renderer.view, session.state, this.notes.draft);
    this.guide.show();
    this.talk.show();
  }
}

// The queue around another one of its documents.
function movedTo(queue, from, to) {
  const { ids, index } = queue;
  return { ...queue, index: index + ids.indexOf(to) - ids.indexOf(from), why: "" };
}
