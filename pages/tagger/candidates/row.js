// One candidate on the screen: its place in the order, its text with what it has of the left one,
// what the model says and what people answered.
import { button, icon, make, say } from "../elements/elements.js";
import { paint } from "../labels/colors.js";
import { chip, SecondText } from "../rows/whole.js";

const ANSWERS = { unsure: "flag", "none of these": "done" };

/** Draws a candidate; `on` hears choose() and unfold(). */
export class CandidateView {
  constructor(row, rank, left, on) {
    this.row = row;
    this.left = left;
    this.folded = true;
    this.compared = [];
    this.second = new SecondText();
    this.said = make("div", { class: "said" });
    this.place = make("div", { class: "inset", hidden: "" });
    this.more = button("Show the whole text", { caption: "", class: "link", onclick: on.unfold });
    this.spoken = make("span", { class: "aside" });
    const body = make("div", { class: "body" }, this.second.element, this.more, this.place);
    const number = make("span", { class: "rank" }, rank.toLocaleString("en"));
    const props = { class: "entry candidate", "data-row": row.id, onclick: on.choose };
    this.element = make("li", props, number, body, this.said, this.spoken);
  }

  /** Show the candidate as it is now: `given` are its labels, `outcome` its answer in words. */
  show(row, { session, given, outcome, shades, current }) {
    this.row = row;
    const whole = session && !this.folded;
    this.compared = this.second.show(row.second, whole && session.document.second_text, this.left);
    this.more.hidden = !row.second?.after;
    say(this.more, this.folded ? "Show the whole text" : "Show less of the text");
    this.#showAnswer(given, outcome, shades);
    this.element.classList.toggle("current", current);
    this.element.classList.toggle("answered", Boolean(outcome));
    if (current) this.element.setAttribute("aria-current", "true");
    else this.element.removeAttribute("aria-current");
    say(this.spoken, `${row.second?.text ?? ""}. ${outcome || "not answered"}`);
  }

  // The answer of people; before there is one, what the model says.
  #showAnswer(given, outcome, shades) {
    const { suggested } = this.row;
    const stamp = JSON.stringify([given, outcome, suggested, [...shades]]);
    if (this.stamp === stamp) return;
    this.stamp = stamp;
    const labels = given.map((label) => chip("span", label, label));
    const mark = ANSWERS[outcome];
    const words = mark && make("span", { class: "outcome" }, icon(mark), outcome);
    const says = suggested && chip("suggestion", suggested.label, suggested.label, suggested.score);
    const parts = [says, ...labels, words].filter(Boolean);
    for (const part of parts) if (part.dataset.label !== undefined) paint(part, shades, part.dataset.label);
    this.said.replaceChildren(...parts);
  }

  /** Put the tagger in the place of the text, or take it out again. */
  lend(open) {
    this.place.hidden = !open;
    this.second.cover(open);
    return this.place;
  }

  /** Scroll as little as needed to show the candidate. */
  reveal() {
    this.element.scrollIntoView({ block: "nearest" });
  }
}
