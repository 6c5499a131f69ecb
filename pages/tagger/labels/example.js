// What is selected, made an example of a label: what it is, or what it is not, and why.
import { button, make } from "../elements/elements.js";
import { describeFailure } from "../saving/requests.js";
import { isComposing } from "../keys/keys.js";

const LONGEST = 2000;
const KINDS = [
  ["positive", "This is"],
  ["negative", "This is not"],
];
const NOTHING = "Select a span, or some words, to make an example of them.";

/** The panel in which an example gets its reason. */
export class ExamplePanel {
  constructor(editor) {
    this.editor = editor;
    this.place = null;
    this.kind = make("select", { "aria-label": "What it shows" });
    this.kind.append(...KINDS.map(([value, word]) => make("option", { value }, word)));
    this.label = make("select", { "aria-label": "Label" });
    this.reason = make("textarea", {
      rows: "2",
      maxlength: LONGEST,
      "aria-label": "Why",
      placeholder: "Why: this stands beside the sentence in the guideline",
    });
    const save = { caption: "Keep as example", class: "action main", onclick: () => this.#save() };
    const close = { caption: "Close", class: "action", onclick: () => this.close() };
    const group = make("div", { class: "group" }, button("Close (Esc)", close), button("Keep (Enter)", save));
    const head = make("div", { class: "row" }, this.kind, this.label);
    const foot = make("div", { class: "row" }, make("small", {}, "Enter keeps it"), group);
    const panel = { class: "notes", popover: "manual", role: "dialog", "aria-label": "Example" };
    this.element = make("div", panel, head, this.reason, foot);
    this.element.onkeydown = (event) => this.#onKey(event);
    this.element.onmousedown = (event) => event.stopPropagation();
  }

  /** Open the panel for what is selected. */
  open() {
    const { editor } = this;
    this.place = editor.exemplary;
    if (!this.place) return editor.note(NOTHING, true);
    const names = editor.data.labels.map(({ name }) => name);
    this.label.replaceChildren(...names.map((value) => make("option", { value }, value)));
    this.label.value = names.includes(this.place.label) ? this.place.label : names[0];
    this.kind.value = "positive";
    this.reason.value = "";
    this.element.showPopover();
    editor.renderer.placePanel(this.element, null, true);
    this.reason.focus({ preventScroll: true });
    return undefined;
  }

  /** Close the panel; tell whether it was open. */
  close() {
    const open = this.element.matches(":popover-open");
    if (open) {
      this.element.hidePopover();
      this.editor.renderer.focus();
      this.editor.render();
    }
    return open;
  }

  #onKey(event) {
    if (isComposing(event)) return;
    event.stopPropagation();
    const keep = event.key === "Enter" && !event.shiftKey && event.target === this.reason;
    if (!keep && event.key !== "Escape") return;
    event.preventDefault();
    if (keep) this.#save();
    else this.close();
  }

  async #save() {
    const { editor, place } = this;
    const { start, end } = place;
    const said = { kind: this.kind.value, label: this.label.value, reason: this.reason.value.trim() };
    this.close();
    const document = editor.session.document.id;
    const answer = await editor.requester.ask("example", { document, start, end, ...said });
    if (answer.status !== 200) return editor.note(`No example: ${describeFailure(answer)}`, true);
    editor.takeLabels(answer.body.labels);
    return editor.note(`Kept as an example of ${said.label}`);
  }
}
