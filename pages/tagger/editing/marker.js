// What a person does to spans: label, relabel, replace, move an end, delete, undo.
import { Refusal } from "../document/annotation.js";
import { overlapping } from "../document/places.js";
import { tokensWithin } from "../document/offsets.js";
import { makeId } from "../saving/outbox.js";
import { count } from "../elements/elements.js";
import { isPunctuation } from "../document/words.js";

/** Turns commands into operations on one session. */
export class Marker {
  /** `tell(text)` hears what a screen reader should say, `labelled(span)` what a person chose. */
  constructor(session, selection, tell, labelled) {
    this.session = session;
    this.selection = selection;
    this.tell = tell;
    this.labelled = labelled;
    this.offer = null;
  }

  /** Label the selection, or relabel the selected span; return false where there is neither. */
  use(label, sticky) {
    const { range, span, suggestion } = this.selection;
    if (this.offers(label)) this.agree();
    else if (range) this.add(range, label, sticky);
    else if (span) this.#relabel(span, label);
    else if (suggestion) this.#acceptAs(suggestion, label);
    return Boolean(range || span || suggestion);
  }

  /** Tell whether putting a label on what is selected was just offered. */
  offers(label) {
    const { range, id } = this.selection;
    return this.offer?.label === label && this.offer.about === (range ?? id);
  }

  /** Label a range of text; where spans may not overlap, offer to replace what is there, and
   *  offer to label what is punctuation alone: a slip more often than not. */
  add(range, label, sticky = null) {
    const others = overlapping(this.session.state.spans, range);
    const same = others.find((span) => span.start === range.start && span.end === range.end);
    if (!this.session.rules.allowOverlaps && others.length) {
      return same ? this.#relabel(same, label) : this.#propose(range, label, others);
    }
    if (isPunctuation(this.quote(range))) {
      const text = `“${this.quote(range)}” is only punctuation. Press the key again to`;
      return this.#offer(label, text, "label it", () => this.#add(range, label, sticky));
    }
    return this.#add(range, label, sticky);
  }

  #add(range, label, sticky) {
    const { span, ...step } = this.#adding(range, label);
    this.session.edit({ ...step, span });
    this.tell(`${span.quote}: ${label}`);
    this.labelled(span);
    // With a chosen label the next drag follows at once; otherwise the span can be mended.
    const { head } = this.selection;
    if (sticky) this.selection.drop();
    else this.selection.pickSpan(span.id);
    this.selection.head = head;
  }

  quote({ start, end }) {
    return this.session.rules.offsets.slice(start, end);
  }

  #adding({ start, end }, label, made = {}) {
    const quote = this.quote({ start, end });
    return { kind: "add", span: { id: makeId(), start, end, label, quote, ...made } };
  }

  /** Take a suggestion over; return false where that is offered, for it would replace spans. */
  accept(suggestion) {
    const others = this.#inTheWay(suggestion);
    if (others.length) this.#propose(suggestion, suggestion.label, others);
    else this.acceptAll([suggestion]);
    return !others.length;
  }

  /** Take several suggestions over in one step. */
  acceptAll(suggestions) {
    const made = ({ score }) => ({ source: "model", score });
    this.session.editAll(suggestions.map((each) => this.#adding(each, each.label, made(each))));
    for (const first of suggestions.slice(0, 1)) this.tell(`${this.quote(first)}: ${first.label}`);
  }

  /** Turn a suggestion down: it is not made again. */
  reject(suggestion) {
    this.session.edit(this.#rejecting(suggestion));
    this.tell(`${this.quote(suggestion)}: ${suggestion.label} rejected`);
  }

  #rejecting({ start, end, label }) {
    return { kind: "reject", start, end, label, quote: this.quote({ start, end }) };
  }

  // What a person made of a suggestion stands in its place, which decides about it.
  #acceptAs(suggestion, label, range = suggestion) {
    if (label === suggestion.label && range === suggestion) return this.accept(suggestion);
    const others = this.#inTheWay(range);
    const rejecting = this.#rejecting(suggestion);
    if (others.length) return this.#propose(range, label, others, [rejecting]);
    const adding = this.#adding(range, label);
    this.session.editAll([adding, rejecting]);
    this.tell(`${adding.span.quote}: ${label} instead of ${suggestion.label}`);
    this.labelled(adding.span);
    return this.selection.pickSpan(adding.span.id, true);
  }

  /** Take suggestions of one label over as one span: it gets the range, they go. */
  gather(suggestions, range) {
    const isSame = ({ start, end }) => start === range.start && end === range.end;
    const same = suggestions.find(isSame);
    const [{ label, score }] = same ? [same] : suggestions;
    const adding = this.#adding(range, label, same ? { source: "model", score } : {});
    const gone = suggestions.filter((suggestion) => suggestion !== same);
    this.session.editAll([adding, ...gone.map((suggestion) => this.#rejecting(suggestion))]);
    this.tell(`${adding.span.quote}: ${label}, as suggested`);
    this.labelled(adding.span);
    this.selection.pickSpan(adding.span.id);
  }

  /** Label words with what a model holds for likeliest there. */
  guess(range, label) {
    this.add(range, label);
    this.tell(`${this.quote(range)}: ${label}, which is likeliest`);
  }

  #inTheWay(range) {
    const { state, rules } = this.session;
    return rules.allowOverlaps ? [] : overlapping(state.spans, range);
  }

  #relabel(span, label) {
    const card = this.selection.id === span.id && this.selection.card;
    if (span.label !== label) {
      this.session.edit({ kind: "relabel", id: span.id, label });
      this.tell(`${this.quote(span)}: ${label} instead of ${span.label}`);
      this.labelled({ ...span, label, quote: this.quote(span) });
    }
    this.selection.pickSpan(span.id, card);
  }

  // What is done only when the key is pressed again.
  #offer(label, text, caption, agree) {
    const about = this.selection.range ?? this.selection.id;
    this.offer = { label, about, text, caption, agree };
  }

  /** Do what was offered. */
  agree() {
    const { agree } = this.offer;
    this.offer = null;
    agree();
  }

  #propose({ start, end }, label, others, also = []) {
    const [first] = others;
    const more = others.length > 1 ? ` and ${count(others.length - 1, "more span")}` : "";
    const what = `“${this.quote(first)}” (${first.label})${more}`;
    const text = `Overlaps ${what}. Press the key again to`;
    const replace = () => this.#replace({ start, end }, label, others, also);
    this.#offer(label, text, "replace", replace);
  }

  // Puts a span in the place of those it overlaps.
  #replace(range, label, others, also) {
    const [{ id, ...kept }, ...gone] = others;
    const quote = this.quote(range);
    const steps = gone.map((span) => ({ kind: "remove", id: span.id }));
    const moved = range.start !== kept.start || range.end !== kept.end;
    if (moved) steps.push({ kind: "move", id, ...range, quote });
    if (kept.label !== label) steps.push({ kind: "relabel", id, label });
    steps.push(...also);
    this.session.editAll(steps);
    this.tell(`${quote}: ${label} instead of ${kept.label}`);
    this.selection.pickSpan(id);
    this.labelled({ ...range, label, quote });
  }

  /** Delete the selected span, or reject the selected suggestion. */
  remove() {
    const { span, suggestion } = this.selection;
    if (suggestion) this.reject(suggestion);
    if (!span) return;
    this.session.edit({ kind: "remove", id: span.id });
    this.tell(`${this.quote(span)}: ${span.label} deleted`);
    this.selection.drop();
  }

  /** Give the selected span, or what becomes of the selected suggestion, another range. */
  move(range) {
    const { span, suggestion } = this.selection;
    if (suggestion) return this.#acceptAs(suggestion, suggestion.label, range);
    if (range.start === span.start && range.end === span.end) return;
    this.session.edit({ kind: "move", id: span.id, ...range, quote: this.quote(range) });
    this.tell(`${this.quote(range)}: ${span.label}`);
    return this.selection.pickSpan(span.id, this.selection.card);
  }

  /** Move an end of the selected span by one token. */
  nudge(edge, by) {
    const { place } = this.selection;
    const { tokens } = this.session;
    const touched = place && tokensWithin(tokens, place);
    if (!touched) return;
    const [side, at] = edge === "start" ? [0, touched.first] : [1, touched.last];
    // An end within a word grows to the border of that word first.
    const grows = (tokens[at][side] - place[edge]) * by > 0;
    const token = tokens[grows ? at : at + by];
    const range = { start: place.start, end: place.end };
    if (token) range[edge] = token[side];
    if (range.start < range.end) this.move(range);
  }

  /** Move an end of the selected span by one character, as a reader counts them. */
  creep(edge, by) {
    const { place } = this.selection;
    if (!place) return;
    const range = { start: place.start, end: place.end };
    range[edge] = this.session.rules.offsets.beside(place[edge], by);
    if (range.start < range.end) this.move(range);
  }

  /** Do something; return why it was refused, or null. */
  attempt(act) {
    try {
      act();
      return null;
    } catch (error) {
      if (error instanceof Refusal) return error.message;
      throw error;
    }
  }
}
