// One place in the list of differences: its words, who says what, and what was decided.
import { clip } from "../document/offsets.js";
import { isWhole } from "../document/places.js";
import { button, icon, make, say } from "../elements/elements.js";
import { paint } from "../labels/colors.js";
import { keyOf } from "../rows/decisions.js";
import { chip } from "../rows/whole.js";

/** Draws a place; `on` hears choose(), `lend(open)` gives the place of the tagger. */
export class PlaceView {
  constructor(row, lend, on) {
    this.row = row;
    this.lend = lend;
    this.quote = make("bdi", { class: "quote" });
    this.said = make("span", { class: "sides" });
    this.outcome = make("span", { class: "outcome" });
    this.spoken = make("span", { class: "aside" });
    const kind = make("span", { class: "kind", "data-shade": "gray" }, row.kind);
    const talk = { mark: "talk", class: "tool talks", onclick: on.talk, hidden: "" };
    this.talk = button("An open question about this place", talk);
    const parts = [this.quote, kind, this.talk, this.said, this.outcome, this.spoken];
    const props = { class: "entry place", "data-row": row.id, onclick: on.choose };
    this.element = make("li", props, ...parts);
  }

  /** Show the place as it is now. */
  show(row, { people, session, outcome, shades, current, talks }) {
    this.row = row;
    this.talk.hidden = !talks;
    const { offsets } = session.rules;
    const words = isWhole(row) ? "" : clip(offsets.slice(row.start, row.end).replace(/\s+/g, " "), 60);
    say(this.quote, words && `“${words}”`);
    this.#showSides(row, people, session.rules, shades);
    if (this.outcome.dataset.outcome !== outcome) {
      this.outcome.dataset.outcome = outcome;
      this.outcome.replaceChildren(...(outcome ? [icon("done"), outcome] : []));
    }
    this.element.classList.toggle("current", current);
    this.element.classList.toggle("settled", Boolean(outcome));
    if (current) this.element.setAttribute("aria-current", "true");
    else this.element.removeAttribute("aria-current");
    say(this.spoken, `${words || "The whole text"}. ${row.kind}. ${outcome || "not decided"}`);
  }

  // People who say the same stand together.
  #showSides(row, people, { offsets }, shades) {
    const stamp = JSON.stringify([row.sides, people.map(({ name }) => name), [...shades]]);
    if (this.stamp === stamp) return;
    this.stamp = stamp;
    const groups = new Map();
    row.sides.forEach((side, index) => {
      const key = side.map(keyOf).join("\n");
      if (!groups.has(key)) groups.set(key, { side, who: [] });
      groups.get(key).who.push(index + 1);
    });
    const parts = [...groups.values()].map(({ side, who }) => {
      const keys = who.map((digit) => make("kbd", {}, String(digit)));
      return make("span", { class: "says" }, ...keys, ...marksOf(row, side, offsets, shades));
    });
    this.said.replaceChildren(...parts);
  }

  /** Scroll as little as needed to show the place. */
  reveal() {
    this.element.scrollIntoView({ block: "nearest" });
  }
}

function marksOf(row, side, offsets, shades) {
  if (!side.length) return [make("span", { class: "nothing" }, "nothing")];
  return side.map((mark) => {
    const same = mark.start === row.start && mark.end === row.end;
    const words = same ? "" : ` “${clip(offsets.slice(mark.start, mark.end), 30)}”`;
    const made = chip("span", `${mark.label}${words}`, mark.label);
    paint(made, shades, mark.label);
    return made;
  });
}
