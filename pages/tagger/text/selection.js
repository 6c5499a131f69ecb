// What is selected: a range of text, or a span. The token cursor is the range's head.
import { inOrder } from "../document/places.js";
import { tokenAfter, tokensWithin } from "../document/offsets.js";

/** The selection in one document; never an edit. */
export class Selection {
  constructor(session, suggestions) {
    this.session = session;
    this.suggestions = suggestions;
    this.head = -1;
    this.drop();
  }

  /** Select nothing; the cursor stays where it was. */
  drop() {
    this.range = null;
    this.id = null;
    this.card = false;
    this.offered = false;
  }

  get empty() {
    return !this.range && !this.place;
  }

  get span() {
    return this.session.state.spans.get(this.id) ?? null;
  }

  /** A suggestion of a model, which is no span yet. */
  get suggestion() {
    return this.suggestions.find(this.id);
  }

  get place() {
    return this.span ?? this.suggestion;
  }

  /** The code point from which on the next thing is looked for. */
  get here() {
    if (this.offered) return 0;
    return (this.place ?? this.range)?.start ?? this.session.tokens[this.head]?.[1] ?? 0;
  }

  /** The end at which the selection grows: a token, or the whole span. */
  get end() {
    const [start, end] = this.session.tokens[this.head] ?? [];
    return this.place ?? (end ? { start, end } : null);
  }

  /** Select a range of text. */
  pickRange(range) {
    this.drop();
    this.range = range;
    this.#putCursor(range);
  }

  /** Select a span or a suggestion, with its card where it was pointed at. */
  pickSpan(id, card = false) {
    this.drop();
    this.id = id;
    this.card = card;
    this.#putCursor(this.place);
  }

  /** Select what the queue is about, or what a report led to: the span or the suggestion that
   *  stands there, with that label where several do; else its place. */
  goTo({ start, end, label }) {
    const spans = [...inOrder(this.session.state.spans), ...this.suggestions.shown];
    const there = spans.filter((span) => span.start === start && span.end === end);
    const found = there.find((span) => span.label === label) ?? there[0];
    if (found) this.pickSpan(found.id);
    else this.pickRange({ start, end });
  }

  /** Select a suggestion that nobody has asked for yet; its card covers no text. */
  offer(id) {
    this.pickSpan(id);
    this.offered = true;
  }

  #putCursor(range) {
    const touched = tokensWithin(this.session.tokens, range);
    const after = tokenAfter(this.session.tokens, range.start);
    this.anchor = touched ? touched.first : after;
    this.head = touched ? touched.last : after - 1;
  }

  /** Put the cursor at a code point without selecting anything. */
  point(at) {
    this.drop();
    this.head = tokenAfter(this.session.tokens, at) - 1;
  }

  /** Select the next token (by = 1) or the one before (by = -1). */
  step(by) {
    const from = by < 0 && !this.empty ? Math.min(this.anchor, this.head) : this.head;
    const end = this.session.tokens.length - 1;
    const none = this.head < 0 && by < 0;
    this.anchor = this.head = none ? end : Math.min(Math.max(from + by, 0), end);
    this.#selectTokens();
  }

  /** Move the far end of the selection by one token, past its beginning too. */
  stretch(by) {
    if (this.empty) return this.step(by);
    const end = this.session.tokens.length - 1;
    this.head = Math.min(Math.max(this.head + by, 0), end);
    return this.#selectTokens();
  }

  #selectTokens() {
    const { tokens } = this.session;
    if (!tokens.length) return;
    const [first, last] = [this.anchor, this.head].sort((a, b) => a - b);
    this.drop();
    this.range = { start: tokens[first][0], end: tokens[last][1] };
  }

  /** Return the span or suggestion after (by = 1) or before (by = -1) what is selected, or
   *  null. */
  beside(by) {
    const spans = inOrder([...this.session.state.spans.values(), ...this.suggestions.shown]);
    const at = spans.findIndex((span) => span.id === this.id);
    if (at >= 0) return spans[at + by] ?? null;
    const ahead = spans.findIndex((span) => span.start >= this.here);
    if (by > 0) return spans[ahead] ?? null;
    return spans.at(ahead < 0 ? -1 : ahead - 1 < 0 ? spans.length : ahead - 1) ?? null;
  }
}
