// The same words elsewhere: after a label was given, an offer to give it there too.
import { LARGEST_BATCH } from "../document/annotation.js";
import { freeFinder } from "../document/places.js";
import { makeId } from "../saving/outbox.js";
import { count } from "../elements/elements.js";
import { describeFailure } from "../saving/requests.js";
import { isPunctuation } from "../document/words.js";

// Several labels in a row ask once.
const PAUSE = 250;
const NOTHING = "Label some words first, or select a span: the same words can then be labelled.";
const AGAIN = "Press the key again to label it everywhere in this document.";

/** Finds and labels repetitions for one editor; `offer` is what stands under the text. */
export class Repeats {
  constructor(editor) {
    this.editor = editor;
    this.drop();
  }

  /** Look where else the words of a span that was just labelled stand. */
  labelled({ quote, label }) {
    this.drop();
    this.wanted = { quote, label };
    // Nobody means all full stops of a text: who does may ask for them.
    if (isPunctuation(quote)) return;
    this.timer = setTimeout(() => this.#look(), PAUSE);
  }

  /** Offer nothing any more. */
  drop() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asking = this.wanted = this.offer = this.looking = this.warned = null;
  }

  /** Label the same words in this document, as one step. */
  async here() {
    const { editor } = this;
    const subject = this.#subject();
    if (!subject) return editor.note(NOTHING);
    if (isPunctuation(subject.quote) && this.warned !== subject) {
      this.warned = subject;
      return editor.note(`“${subject.quote}” is only punctuation. ${AGAIN}`, true);
    }
    const answer = await (this.looking ?? this.#look());
    if (!answer) return null;
    if (answer.status !== 200) {
      return editor.note(`Not repeated: ${describeFailure(answer)}`, true);
    }
    return editor.attempt(() => this.#apply());
  }

  /** Look over all places of the same words in the project, and label those that are chosen. */
  everywhere() {
    const { editor } = this;
    const subject = this.#subject();
    if (subject) editor.preview.open(subject);
    else editor.note(NOTHING);
  }

  // The selected span, else what was just labelled.
  #subject() {
    const { selection, marker } = this.editor;
    const { span } = selection;
    if (!span) return this.wanted;
    const { wanted } = this;
    const chosen = { quote: marker.quote(span), label: span.label };
    const known = wanted?.quote === chosen.quote && wanted.label === chosen.label;
    if (!known) this.drop();
    return (this.wanted ??= chosen);
  }

  #look() {
    clearTimeout(this.timer);
    this.asking = new AbortController();
    this.looking = this.#ask(this.wanted, this.asking.signal);
    return this.looking;
  }

  // Returns the answer, or null where something else has been labelled meanwhile.
  async #ask(wanted, signal) {
    const { session, requester } = this.editor;
    const { document } = session.lane;
    const question = { document, ...wanted, whole_words: true, match_case: true };
    const answer = await requester.ask("find", { ...question, list: false }, signal);
    if (signal.aborted) return null;
    if (answer.status === 200) this.offer = { ...wanted, ...answer.body };
    this.editor.render();
    return answer;
  }

  /** Return the places in this document that are free still. */
  get free() {
    if (!this.offer) return [];
    const { state, rules } = this.editor.session;
    const { here, label } = this.offer;
    return here.map(([start, end]) => ({ start, end, label })).filter(freeFinder(state.spans, rules));
  }

  #apply() {
    const { editor } = this;
    const { label } = this.offer;
    const places = this.free.slice(0, LARGEST_BATCH);
    const quoted = (place) => ({ ...place, quote: editor.marker.quote(place) });
    const spans = places.map((place) => ({ id: makeId(), ...quoted(place) }));
    if (spans.length) editor.session.editAll(spans.map((span) => ({ kind: "add", span })));
    const none = "The same words stand nowhere else in this document";
    editor.note(spans.length ? `${count(spans.length, "more span")} labelled ${label}` : none);
  }
}
