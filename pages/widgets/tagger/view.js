// The frame around the text: what stands where, and how each part shows the state.
import { shade } from "./colors.js";
import { HELP } from "./keys.js";
import { button, count, icon, make, say } from "./parts.js";

const STATUS_NAMES = {
  untouched: "Not started",
  "in progress": "In progress",
  done: "Done",
  skipped: "Skipped",
};
const SOURCES = { person: "by hand", import: "imported", model: "by a model" };

/** Build the frame; `act(command)` hears every button. */
export class View {
  constructor(act) {
    this.act = act;
    this.place = make("span", { class: "place" });
    this.queue = make("span", { class: "queue" });
    this.name = make("span", { class: "name" });
    this.split = make("span", { class: "badge" });
    this.status = make("span", { class: "badge status" });
    this.saved = make("span", { class: "saved", role: "status", "aria-live": "polite" });
    this.labels = make("div", { class: "labels", role: "toolbar", "aria-label": "Labels" });
    this.bar = make("div", { class: "bar", role: "alert", hidden: "" });
    this.hint = make("span", { class: "hint" });
    this.total = make("span", { class: "total" });
    this.live = make("span", { class: "aside", "aria-live": "polite" });
    this.paper = make("div", { class: "paper" });
    this.grips = ["start", "end"].map((edge) => make("div", { class: `grip ${edge}`, hidden: "" }));
    this.pane = make(
      "div",
      { class: "pane", tabindex: "0", role: "group", "aria-describedby": "hint" },
      this.paper,
      ...this.grips,
    );
    this.hint.id = "hint";
    this.card = make("div", { class: "card", popover: "manual", role: "dialog" });
    this.help = this.#buildHelp();
    this.root = this.#buildRoot();
  }

  #buildRoot() {
    const tool = (mark, title) => button(title, { mark, class: "tool" }, () => this.act(mark));
    this.tools = {
      previous: tool("previous", "Previous document (←)"),
      next: tool("next", "Next document (→)"),
      undo: tool("undo", "Undo (Ctrl Z)"),
      redo: tool("redo", "Redo (Ctrl Shift Z)"),
    };
    const { previous, next, undo, redo } = this.tools;
    this.skip = button("Skip (S)", { caption: "Skip", key: "S", class: "action" }, () => this.act("skip"));
    const finish = { caption: "Done", key: "Enter", class: "action main" };
    this.done = button("Done (Enter)", finish, () => this.act("done"));
    const where = make("div", { class: "group where" }, previous, this.place, next, this.queue);
    const todo = make("div", { class: "group" }, undo, redo, this.skip, this.done);
    const keys = button("Keys (?)", { caption: "Keys", key: "?", class: "link" }, () => this.act("help"));
    const title = make("div", { class: "group title" }, this.name, this.split, this.status);
    return make(
      "div",
      { class: "tagger" },
      make("div", { class: "row" }, where, todo),
      make("div", { class: "row" }, title, this.saved),
      this.labels,
      this.bar,
      this.pane,
      make("div", { class: "row foot" }, this.hint, make("div", { class: "group" }, this.total, keys)),
      this.card,
      this.help,
      this.live,
    );
  }

  #buildHelp() {
    const caps = (keys) => keys.split("  ").map((key) => make("kbd", {}, key));
    const rows = HELP.map(([keys, what]) => [make("dt", {}, ...caps(keys)), make("dd", {}, what)]);
    const close = button("Close (Esc)", { caption: "Close", class: "action" }, () => this.act("help"));
    const title = make("strong", {}, "Keys");
    const head = make("div", { class: "row" }, title, close);
    const list = make("dl", {}, ...rows.flat());
    return make("div", { class: "help", popover: "manual", role: "dialog", "aria-label": "Keys" }, head, list);
  }

  /** Show which document this is and where it stands in the queue. */
  showPlace(document, queue) {
    const here = queue.ids.indexOf(document.id);
    say(this.place, `${(queue.index + 1).toLocaleString("en")} of ${queue.total.toLocaleString("en")}`);
    say(this.queue, queue.title);
    say(this.name, document.name);
    this.name.title = document.name;
    say(this.split, document.split ?? "");
    this.split.hidden = !document.split;
    this.tools.previous.disabled = here <= 0;
    this.tools.next.disabled = here < 0 || here === queue.ids.length - 1;
    this.pane.setAttribute("aria-label", `Text of ${document.name}`);
  }

  /** Show the state of the annotation: status, steps to undo, counts. */
  showState({ status, spans, undo, redo }) {
    const empty = status === "done" && spans.size === 0;
    const name = empty ? "Done, no entities" : STATUS_NAMES[status];
    if (this.status.textContent !== name) this.status.replaceChildren(icon(status), name);
    this.status.dataset.status = status;
    this.tools.undo.disabled = undo.length === 0;
    this.tools.redo.disabled = redo.length === 0;
    this.done.firstChild.textContent = status === "done" ? "Next" : "Done";
    this.skip.firstChild.textContent = status === "skipped" ? "Take up again" : "Skip";
    say(this.total, count(spans.size, "span"));
  }

  /** Show the labels as chips, with their digit and how often they occur here. */
  showLabels(labels, spans, sticky, shades) {
    if (!labels.length) {
      const where = "This project has no labels yet. Add them on the Settings page, or import a file that has them.";
      this.labels.replaceChildren(make("span", { class: "empty" }, where));
      return;
    }
    const counts = new Map();
    for (const { label } of spans.values()) counts.set(label, (counts.get(label) ?? 0) + 1);
    while (this.labels.children.length > labels.length) this.labels.lastChild.remove();
    labels.forEach((label, index) => {
      const chip = this.labels.children[index] ?? this.labels.appendChild(this.#buildChip(index));
      this.#fillChip(chip, label, counts.get(label.name) ?? 0, label.name === sticky);
      paint(chip, shades, label.name);
    });
  }

  #buildChip(index) {
    const parts = ["kbd", "span", "small"].map((tag) => make(tag));
    return make("button", { type: "button", class: "chip", onclick: () => this.act({ label: index }) }, ...parts);
  }

  #fillChip(chip, { name, key, description }, number, pressed) {
    const [digit, caption, total] = chip.children;
    say(digit, key);
    digit.hidden = !key;
    say(caption, name);
    say(total, String(number));
    chip.title = description || name;
    chip.setAttribute("aria-pressed", pressed);
    chip.setAttribute("aria-label", `${name}, ${count(number, "span")}${key ? `, key ${key}` : ""}`);
  }

  /** Show how saving stands. */
  showSaved([mark, text]) {
    if (this.saved.textContent === text) return;
    this.saved.dataset.mark = mark;
    this.saved.replaceChildren(...(text ? [icon(mark), make("span", {}, text)] : []));
  }

  /** Show a message with choices above the text, or hide it. */
  showBar(trouble) {
    const { text = "", choices = [] } = trouble ?? {};
    if (this.bar.dataset.text === text) return;
    this.bar.dataset.text = text;
    this.bar.hidden = !text;
    const buttons = choices.map(([caption, act]) => button(caption, { caption, class: "action" }, act));
    this.bar.replaceChildren(icon("alert"), make("span", {}, text), ...buttons);
  }

  /** Show a line under the text; a warning may have something to do about it. */
  showHint(text, warning = false, choice = null) {
    this.hint.classList.toggle("warning", warning);
    say(this.hint, text);
    if (choice) this.hint.append(" ", button(choice[0], { caption: choice[0], class: "link" }, choice[1]));
  }

  /** Fill the card of a span: its label, who made it, how sure a model was. */
  fillCard({ label, source, score }, shades) {
    const name = make("span", { class: "tag" }, label);
    paint(name, shades, label);
    const sure = typeof score === "number" ? `, ${Math.round(score * 100)} % sure` : "";
    const remove = button("Delete (Backspace)", { mark: "remove", class: "tool" }, () => this.act("remove"));
    this.card.setAttribute("aria-label", `Span ${label}`);
    this.card.replaceChildren(name, make("span", {}, `${SOURCES[source] ?? source}${sure}`), remove);
  }

  /** Tell a screen reader which span is selected; the text keeps the keyboard. */
  point(span) {
    if (span) this.pane.setAttribute("aria-activedescendant", `span-${span.id}`);
    else this.pane.removeAttribute("aria-activedescendant");
  }

  /** Tell a screen reader what has just happened. */
  announce(text) {
    this.live.textContent = text;
  }
}

/** Return the shades of every label in this theme. */
export function shadeLabels(labels, theme) {
  const shades = labels.map((label) => [label.name, shade(label.color, theme)]);
  // The nameless shade is for spans whose label is no longer in the project.
  return new Map([["", shade("", theme)], ...shades]);
}

/** Give an element a label's colours. */
export function paint(element, shades, label) {
  const { tint, ink, line } = shades.get(label) ?? shades.get("");
  element.style.setProperty("--tint", tint);
  element.style.setProperty("--ink", ink);
  element.style.setProperty("--line", line);
}
