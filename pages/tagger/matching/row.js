// One answer: its score, its text with the words that match, and what people said of it.
import { button, icon, make } from "../elements/elements.js";
import { Offsets } from "../document/offsets.js";

const SCORES = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** An answer on the page; `on` hears what is clicked. */
export class AnswerView {
  constructor(row, data, on) {
    this.row = row;
    this.said = make("span", { class: "outcome" });
    const share = Math.max(0, Math.min(1, row.score / data.highest));
    const bar = make("span", { class: "meter", "aria-hidden": "true" }, make("i"));
    bar.firstChild.style.width = `${Math.round(share * 100)}%`;
    const score = make("span", { class: "score" }, SCORES.format(row.score));
    const name = make("span", { class: "from", title: row.id }, row.id);
    const because = row.because && make("span", { class: "because" }, "because of “", row.because, "”");
    const head = make("div", { class: "entry-head" }, bar, score, because, this.said, name);
    this.accept = button("Accept: it answers the text", { mark: "done", class: "tool yes", onclick: on.accept });
    this.reject = button("Reject: it does not", { mark: "close", class: "tool no", onclick: on.reject });
    const tools = make("div", { class: "judge" }, this.accept, this.reject);
    const text = make("p", { class: "item", dir: "auto" }, ...pieces(row.text, row.words));
    const body = make("div", { class: "body" }, head, text);
    const look = row.good ? "entry answer" : "entry answer weak";
    this.element = make("li", { class: look, "data-row": row.key, onclick: on.choose }, body, tools);
  }

  /** Show what is said of the answer now, and whether it is the current one. */
  show({ label, mark, current }) {
    if (this.said.dataset.label !== `${mark}${label}`) {
      this.said.dataset.label = `${mark}${label}`;
      this.said.dataset.mark = mark;
      this.said.replaceChildren(...(label ? [icon(mark === "no" ? "close" : "done"), label] : []));
    }
    this.element.classList.toggle("current", current);
    if (current) this.element.setAttribute("aria-current", "true");
    else this.element.removeAttribute("aria-current");
    this.accept.setAttribute("aria-pressed", String(mark === "yes"));
    this.reject.setAttribute("aria-pressed", String(mark === "no"));
  }

  /** Let people decide, or not. */
  allow(allowed) {
    this.accept.disabled = this.reject.disabled = !allowed;
  }

  /** Scroll as little as needed to show the answer. */
  reveal() {
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** Say the answer in words, for who does not see it. */
  get words() {
    return `${SCORES.format(this.row.score)}: ${this.row.text}. ${this.said.textContent}`;
  }
}

/** Return a text as nodes, the words that match in marks of their own; places are code points. */
export function pieces(text, words) {
  const offsets = new Offsets(text);
  const nodes = [];
  let at = 0;
  for (const { start, end, word, same } of words) {
    const title = same ? "It stands in the text, too" : `Like “${word}” in the text`;
    nodes.push(offsets.slice(at, start));
    nodes.push(make("mark", { class: same ? "same" : "alike", title }, offsets.slice(start, end)));
    at = end;
  }
  nodes.push(offsets.slice(at, offsets.length));
  return nodes;
}

/** Write a heading: the text that is answered, and that there is no good answer. */
export function heading(group, many) {
  const none = make("p", { class: "hopeless" }, icon("alert"), "No good answer. What comes nearest:");
  const text = make("p", { class: "asked", dir: "auto" }, group.query);
  none.hidden = group.good > 0;
  text.hidden = !many;
  const head = make("li", { class: "question", role: "presentation" }, text, none);
  head.hidden = none.hidden && text.hidden;
  return head;
}
