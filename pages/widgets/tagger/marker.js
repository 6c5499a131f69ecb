// What a person does to spans: label, relabel, replace, move an end, delete, undo.
import { overlapping, Refusal } from "./model.js";
import { tokensWithin } from "./offsets.js";
import { makeId } from "./outbox.js";
import { count } from "./parts.js";

/** The pen: turns commands into operations on one session. */
export class Marker {
  /** `tell(text)` hears what a screen reader should say. */
  constructor(session, selection, tell) {
    this.session = session;
    this.selection = selection;
    this.tell = tell;
    this.offer = null;
  }

  /** Label the selection, or relabel the selected span; return false where there is neither. */
  use(label, sticky) {
    const { range, span } = this.selection;
    if (this.offer?.label === label && this.offer.range === range) this.replace();
    else if (range) this.add(range, label, sticky);
    else if (span) this.#relabel(span, label);
    return Boolean(range || span);
  }

  /** Label a range of text; where spans may not overlap, offer to replace what is there. */
  add(range, label, sticky = null) {
    const others = overlapping(this.session.state.spans, range);
    const same = others.find((span) => span.start === range.start && span.end === range.end);
    if (!this.session.rules.allowOverlaps && others.length) {
      return same ? this.#relabel(same, label) : this.#propose(range, label, others);
    }
    const span = { id: makeId(), ...range, label, quote: this.quote(range) };
    this.session.edit({ kind: "add", span });
    this.tell(`${span.quote}: ${label}`);
    // With a chosen label the next drag follows at once; otherwise the span can be mended.
    const { head } = this.selection;
    if (sticky) this.selection.drop();
    else this.selection.pickSpan(span.id);
    this.selection.head = head;
  }

  quote({ start, end }) {
    return this.session.rules.offsets.slice(start, end);
  }

  #relabel(span, label) {
    const card = this.selection.id === span.id && this.selection.card;
    if (span.label !== label) {
      this.session.edit({ kind: "relabel", id: span.id, label });
      this.tell(`${this.quote(span)}: ${label} instead of ${span.label}`);
    }
    this.selection.pickSpan(span.id, card);
  }

  #propose(range, label, others) {
    const [first] = others;
    const more = others.length > 1 ? ` and ${count(others.length - 1, "more span")}` : "";
    const what = `“${this.quote(first)}” (${first.label})${more}`;
    const text = `Overlaps ${what}. Press the key again to`;
    this.offer = { range, label, others, text };
  }

  /** Put the proposed span in the place of those it overlaps. */
  replace() {
    const { range, label, others } = this.offer;
    const [kept, ...gone] = others;
    this.offer = null;
    for (const { id } of gone) this.session.edit({ kind: "remove", id });
    this.session.edit({ kind: "move", id: kept.id, ...range, quote: this.quote(range) });
    this.#relabel(kept, label);
  }

  /** Delete the selected span. */
  remove() {
    const { span } = this.selection;
    if (!span) return;
    this.session.edit({ kind: "remove", id: span.id });
    this.tell(`${this.quote(span)}: ${span.label} deleted`);
    this.selection.drop();
  }

  /** Give the selected span another range. */
  move(range) {
    const { span } = this.selection;
    if (range.start === span.start && range.end === span.end) return;
    this.session.edit({ kind: "move", id: span.id, ...range, quote: this.quote(range) });
    this.tell(`${this.quote(range)}: ${span.label}`);
    this.selection.pickSpan(span.id, this.selection.card);
  }

  /** Move an end of the selected span by one token. */
  nudge(edge, by) {
    const { span } = this.selection;
    const { tokens } = this.session;
    const touched = span && tokensWithin(tokens, span);
    if (!touched) return;
    const token = tokens[(edge === "start" ? touched.first : touched.last) + by];
    const range = { start: span.start, end: span.end };
    if (token) range[edge] = token[edge === "start" ? 0 : 1];
    if (range.start < range.end) this.move(range);
  }

  /** Take back the last step. */
  undo() {
    this.tell(this.session.undo() ? "Undone" : "Nothing to undo");
  }

  /** Repeat the last step taken back. */
  redo() {
    this.tell(this.session.redo() ? "Repeated" : "Nothing to repeat");
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
