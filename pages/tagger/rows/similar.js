// The training texts that are most like a row's text, with their marks: they come when they are
// asked for, and each leads to the tagger.
import { Offsets } from "../document/offsets.js";
import { button, make, percent } from "../elements/elements.js";
import { paint } from "../labels/colors.js";
import { TextView } from "../text/textview.js";

const SAME = 0.9999;

/** A list that a row unfolds. */
export class SimilarView {
  constructor() {
    this.element = make("ol", { class: "similar", hidden: "", "aria-label": "Similar texts" });
  }

  get open() {
    return !this.element.hidden;
  }

  /** Show or hide what has come; false where nothing has. */
  toggle() {
    if (!this.element.children.length) return false;
    this.element.hidden = this.open;
    return true;
  }

  /** Show texts; `go(document)` leads to one. */
  fill(texts, shades, go) {
    const none = make("li", { class: "alike" }, "These texts are not in the project any more.");
    const shown = texts.map((text) => this.#entry(text, shades, go));
    this.element.replaceChildren(...(shown.length ? shown : [none]));
    this.element.hidden = false;
  }

  #entry(text, shades, go) {
    const words = make("div", { class: "text" });
    draw(words, text, shades);
    const how = text.similarity > SAME ? "the same text" : `${percent(text.similarity)} alike`;
    const labels = text.whole.join(", ");
    const title = `Open ${text.name || "this text"} on the Tag page`;
    const open = button(title, { mark: "open", class: "tool", onclick: () => go(text.document) });
    const told = [how, labels, text.name].filter(Boolean).join(" · ");
    const head = make("div", { class: "alike-head" }, make("span", { title: told }, told), open);
    return make("li", { class: "alike" }, head, words);
  }
}

function draw(element, { text, cut, marks }, shades) {
  const offsets = new Offsets(text);
  const view = new TextView(element);
  view.open(offsets, []);
  const pieces = marks
    .filter(({ start, end }) => start < end)
    .map((mark) => ({ ...mark, end: Math.min(mark.end, offsets.length), suggested: false }));
  const look = (part, { span, from, to }) => {
    const first = from === offsets.unit(span.start) ? " first" : "";
    const last = to === offsets.unit(span.end) ? " last" : "";
    part.className = `span${first}${last}`;
    part.dataset.label = span.label;
    paint(part, shades, span.label);
  };
  view.draw(new Map(pieces.map((piece) => [piece.id, piece])), look, "once");
  element.classList.toggle("after", cut);
}
