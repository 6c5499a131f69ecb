// The guideline of a label, beside the text while one works.
import { button, make } from "../elements/elements.js";
import { paint } from "./colors.js";

const NONE = "Select a span or choose a label to read its guideline here.";
const EMPTY = "This label has no guideline yet: describe it on the Data page.";
const EXAMPLES = [
  ["positive", "Yes", "yes"],
  ["negative", "No", "no"],
];

// A sentence that shows the label, what it is about marked as in the text, and why.
function sentence({ kind, parts, reason, second }, tag) {
  const [, word, look] = EXAMPLES.find(([name]) => name === kind);
  const [before, words, after] = parts;
  const mark = make("span", { class: "tag" }, words);
  mark.style.cssText = tag.style.cssText;
  const quoted = make("bdi", {}, before, mark, after);
  const more = second && make("bdi", { class: "second" }, second);
  const why = reason && make("small", {}, reason);
  return make("p", { class: look }, make("b", {}, word), " ", quoted, ...[more, why].filter(Boolean));
}

/** A panel over the edge of the text that follows the selected or the chosen label. */
export class GuidelinePanel {
  constructor(editor) {
    this.editor = editor;
    this.shown = null;
    const { guide } = editor.renderer.view;
    this.element = guide;
    this.body = make("div", { class: "body", "aria-live": "polite" });
    const close = button("Close (Esc)", { mark: "close", class: "tool", onclick: () => this.close() });
    this.page = make("a", { target: "_blank", rel: "noopener", hidden: "" }, "The whole guideline");
    const keep = { caption: "Use as example", key: "Shift G", class: "action" };
    this.keep = button("Make what is selected an example", { ...keep, onclick: () => editor.act("example") });
    const head = make("div", { class: "row" }, make("strong", {}, "Guideline"), close);
    guide.append(head, this.body, this.keep, this.page);
  }

  /** Open or close the panel. */
  toggle() {
    if (this.element.hidden) this.editor.talk.close();
    this.element.hidden = !this.element.hidden;
    this.editor.render();
  }

  /** Close the panel; tell whether it was open. */
  close() {
    const open = !this.element.hidden;
    this.element.hidden = true;
    return open;
  }

  /** Show the label that matters now. */
  show() {
    if (this.element.hidden) return;
    const { guided, data, renderer } = this.editor;
    const stamp = JSON.stringify([guided, renderer.stamp]);
    if (stamp === this.shown) return;
    this.shown = stamp;
    const told = guided.flatMap((label) => this.#describe(label, renderer.shades));
    this.body.replaceChildren(...(told.length ? told : [NONE]));
    this.page.href = data.endpoint.replace(/api\/edits$/, "guideline");
    this.page.hidden = !data.guideline;
  }

  #describe(label, shades) {
    const name = make("strong", { class: "tag" }, label.name);
    paint(name, shades, label.name);
    const text = label.description && make("p", {}, label.description);
    const examples = EXAMPLES.filter(([kind]) => label[kind]).map(([kind, word, look]) =>
      make("p", { class: look }, make("b", {}, word), " ", label[kind]),
    );
    const shown = (label.examples ?? []).map((example) => sentence(example, name));
    const empty = !text && !examples.length && !shown.length && make("p", {}, EMPTY);
    return [name, text, ...examples, ...shown, empty].filter(Boolean);
  }
}
