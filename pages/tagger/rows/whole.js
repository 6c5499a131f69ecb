// What a row shows of a document as a whole: its labels beside what is suggested, and its second
// text with what differs from the first.
import { differences } from "../choosing/difference.js";
import { fillName } from "../choosing/view.js";
import { isWhole } from "../document/places.js";
import { Offsets } from "../document/offsets.js";
import { icon, make, percent } from "../elements/elements.js";
import { paint } from "../labels/colors.js";
import { TextView } from "../text/textview.js";
import { labelsOf } from "./pieces.js";

const NOTHING = "no label";

/** The line of labels: what is given, and what is suggested instead. */
export class LabelLine {
  constructor() {
    this.element = make("div", { class: "said", hidden: "" });
  }

  /** Show a row's labels as they are now. */
  show(row, spans, rules, shades) {
    this.element.hidden = !isWhole(row.given ?? row.suggested);
    if (this.element.hidden) return;
    const { given, suggested, marks, rest, others } = labelsOf(row, spans, rules);
    const labels = new Set(marks.map(({ label }) => label));
    const gone = given && !labels.has(given.label);
    const parts = [
      ...(gone ? [chip("was", `was ${given.label}`, given.label)] : []),
      ...marks.map(({ label }) => chip("span", label, label)),
      ...(marks.length || gone ? [] : [make("span", { class: "nothing" }, NOTHING)]),
      icon("next"),
      suggested ? chip("suggestion", suggested.label, suggested.label, suggested.score) : nothing(),
      ...others.map(({ who, span }) => chip("suggestion other", `${who}: ${span.label}`, span.label)),
      ...(rest.length ? [make("span", { class: "beside" }, "beside")] : []),
      ...rest.map(({ label }) => chip("rest", label, label)),
    ];
    for (const part of parts) if (part.dataset.label !== undefined) paint(part, shades, part.dataset.label);
    this.element.replaceChildren(...parts);
  }
}

function nothing() {
  return make("span", { class: "nothing" }, NOTHING);
}

/** Make a label as a row shows it. */
export function chip(look, name, label, score = null) {
  const words = make("b");
  fillName(words, name);
  const sure = typeof score === "number" && make("small", {}, percent(score));
  return make("span", { class: `label ${look}`, "data-label": label }, words, sure);
}

/** The second text of a document, where it has one. */
export class SecondText {
  constructor() {
    this.element = make("div", { class: "text second", hidden: "" });
    this.view = new TextView(this.element);
    this.compared = [];
  }

  /** Show the part that the row has, or the whole; return the pieces to mark in the first text. */
  show(part, whole, first) {
    this.there = Boolean(part);
    this.element.hidden = !part || Boolean(this.covered);
    if (!part) return [];
    const text = whole || part.text;
    if (this.shown === `${first}\n${text}`) return this.compared;
    this.shown = `${first}\n${text}`;
    const found = differences(first, text);
    this.view.open(new Offsets(text), []);
    const drawn = new Map(pieces(found.second, found.look).map((piece) => [piece.id, piece]));
    this.view.draw(drawn, (element) => (element.className = found.look));
    this.element.classList.toggle("after", !whole && part.after);
    this.compared = pieces(found.first, found.look);
    return this.compared;
  }

  /** Put it away while the tagger has its place, and back. */
  cover(covered) {
    this.covered = covered;
    this.element.hidden = covered || !this.there;
  }
}

function pieces(ranges, kind) {
  return ranges.map(({ start, end }) => ({ id: `~${start}`, start, end, kind, plain: true }));
}
