// What everybody says of a document, side by side, and the decision: the words around the current
// place with the marks of each. What all agree on steps back.
import { Offsets } from "../document/offsets.js";
import { isWhole, meet } from "../document/places.js";
import { button, icon, make, say } from "../elements/elements.js";
import { paint } from "../labels/colors.js";
import { keyOf } from "../rows/decisions.js";
import { chip, SecondText } from "../rows/whole.js";
import { TextView } from "../text/textview.js";

/** All columns; `take(index)`, once it is given, hears a click on a person's name. */
export class Columns {
  constructor() {
    this.take = null;
    this.views = [];
    this.shared = new SecondText();
    this.text = new TextView(make("div", { class: "text" }));
    this.texts = make("div", { class: "sheet texts", hidden: "" }, this.text.element, this.shared.element);
    this.grid = make("div", { class: "versions" });
    this.decision = new Column("Decision", null);
    this.decision.element.classList.add("decision");
    this.element = make("div", { class: "columns" }, this.texts, this.grid);
  }

  /** Take the people of a document. */
  open(people) {
    this.views = people.map(({ name, comment }, index) => {
      return new Column(name, String(index + 1), comment, () => this.take(index));
    });
    const shown = [...this.views, this.decision].map(({ element }) => element);
    this.grid.replaceChildren(...shown);
    this.grid.dataset.columns = String(Math.min(shown.length, 4));
    this.texts.scrollTop = this.grid.scrollTop = 0;
  }

  /** Show everybody's marks around a place, or in the whole text. */
  show({ row, people, session, agreed, shades, followed, whole, second, marksWhole }) {
    const { offsets } = session.rules;
    const range = windowOf(row, offsets, whole);
    this.texts.hidden = !marksWhole;
    if (marksWhole) this.#showTexts(offsets, range, second);
    const about = { offsets, range, row, agreed, shades, marksWhole };
    people.forEach(({ spans }, index) => {
      this.views[index].show(spans, { ...about, taken: followed.includes(index) });
    });
    this.decision.show([...session.state.spans.values()], { ...about, taken: false });
  }

  // Labels of the whole text: it is there once, above all.
  #showTexts(offsets, range, second) {
    const text = offsets.slice(range.start, range.end);
    if (this.shown !== text) this.text.open(new Offsets(text), []);
    this.shown = text;
    const part = second === null ? null : { text: second, after: false };
    const compared = this.shared.show(part, second, text);
    this.texts.classList.toggle("two", second !== null);
    const drawn = new Map(compared.map((piece) => [piece.id, piece]));
    this.text.draw(drawn, (element, { span }) => (element.className = span.kind), String(second));
  }

  /** Bring the current place into sight in every column. */
  reveal() {
    for (const view of [...this.views, this.decision]) view.reveal();
  }
}

/** One person's version, or the decision. */
class Column {
  constructor(name, key, comment = "", take = null) {
    const caption = make("bdi", {}, name);
    const head = take
      ? button(`Take what ${name} has here (${key})`, { class: "who", onclick: take })
      : make("span", { class: "who" });
    if (key) head.append(make("kbd", {}, key));
    this.taken = make("span", { class: "taken", hidden: "" }, icon("done"));
    head.append(caption, this.taken);
    this.text = make("div", { class: "text" });
    this.pane = make("div", { class: "pane" }, this.text);
    this.place = make("div", { class: "inset", hidden: "" });
    this.textView = new TextView(this.text);
    const note = comment && make("div", { class: "remark", title: comment }, icon("comment"), comment);
    this.element = make("section", { class: "version", "aria-label": name }, head, this.pane, this.place, note);
  }

  /** Show marks around a place. */
  show(spans, { offsets, range, row, agreed, shades, taken, marksWhole }) {
    this.taken.hidden = !taken;
    this.element.classList.toggle("followed", taken);
    if (marksWhole) return this.#showLabels(spans, row, shades);
    const text = offsets.slice(range.start, range.end);
    if (this.shown !== text) this.textView.open(new Offsets(text), []);
    this.shown = text;
    this.offsets = this.textView.offsets;
    this.text.classList.toggle("before", range.start > 0);
    this.text.classList.toggle("after", range.end < offsets.length);
    const pieces = piecesOf(spans, range, row, agreed);
    const drawn = new Map(pieces.map((piece) => [piece.id, piece]));
    const look = (element, slice) => this.#dress(element, slice, shades);
    return this.textView.draw(drawn, look, JSON.stringify([pieces, [...shades]]));
  }

  #showLabels(spans, row, shades) {
    this.shown = null;
    const stamp = JSON.stringify([spans.map(keyOf), row && keyOf(row.given), [...shades]]);
    if (this.stamp === stamp) return;
    this.stamp = stamp;
    const chips = spans.map(({ label }) => chip("span", label, label));
    for (const each of chips) paint(each, shades, each.dataset.label);
    this.text.replaceChildren(...(chips.length ? chips : [make("span", { class: "nothing" }, "no label")]));
  }

  #dress(element, { span: piece, from, to }, shades) {
    if (piece.plain) {
      element.className = piece.kind;
      return;
    }
    const ends = [from === this.offsets.unit(piece.start), to === this.offsets.unit(piece.end)];
    const [first, last] = [ends[0] ? " first" : "", ends[1] ? " last" : ""];
    element.className = `span ${piece.kind}${first}${last}`;
    element.dataset.label = piece.label;
    paint(element, shades, piece.label);
  }

  /** Put the tagger in the place of the text, or take it out again. */
  lend(open) {
    this.place.hidden = !open;
    this.pane.hidden = open;
    this.element.classList.toggle("lent", open);
    if (open) this.element.parentElement.scrollTop = 0;
    return this.place;
  }

  reveal() {
    const here = this.text.querySelector(".here");
    if (!here) return;
    const [outer, inner] = [this.pane.getBoundingClientRect(), here.getBoundingClientRect()];
    if (inner.top < outer.top || inner.bottom > outer.bottom) {
      this.pane.scrollTop += inner.top - outer.top - outer.height / 3;
    }
  }
}

function windowOf(row, offsets, whole) {
  if (whole || !row) return { start: 0, end: offsets.length };
  return { start: row.window.start, end: row.window.end };
}

// The current place lies around its marks; its name sorts behind all others.
function piecesOf(spans, range, row, agreed) {
  const own = new Set(row?.sides.flat().map(keyOf));
  const kindOf = (span) => {
    if (agreed.has(keyOf(span))) return "agreed";
    return own.has(keyOf(span)) || (row && meet(span, row)) ? "own" : "other";
  };
  // What only looks otherwise is another piece: a text view compares marks by place and label.
  const marks = spans.map((span) => {
    const kind = kindOf(span);
    return { ...span, id: `${kind}-${keyOf(span)}`, kind };
  });
  const around = { id: `~${row?.id}`, kind: "here", plain: true, suggested: true };
  const here = row && !isWhole(row) && { ...around, start: row.start, end: row.end };
  const all = here ? [...marks, here] : marks;
  return all.filter((one) => meet(one, range)).map((one) => {
    const [start, end] = [Math.max(one.start, range.start), Math.min(one.end, range.end)];
    return { ...one, start: start - range.start, end: end - range.start };
  });
}
