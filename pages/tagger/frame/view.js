// The frame around the text: what stands where, and how each part shows the state.
import { SuggestionBar } from "../suggestions/bar.js";
import { paint } from "../labels/colors.js";
import { fillHelp, makeHelp } from "../keys/help.js";
import { capOf } from "../keys/keys.js";
import { stepsLeft } from "../editing/history.js";
import { nameStatus } from "./messages.js";
import { button, count, icon, make, percent, say } from "../elements/elements.js";
import { drawBar, drawSaved } from "../elements/status.js";

const SOURCES = {
  person: "by hand",
  import: "imported",
  model: "by a model",
  dictionary: "by a dictionary",
};
const NO_LABELS = "There are no labels yet.";

/** The frame; `act(command)` hears every button. */
export class View {
  constructor(act) {
    this.act = act;
    this.keyed = [];
    this.place = make("span", { class: "place" });
    this.left = make("span", { class: "left" });
    this.why = make("span", { class: "why" });
    this.name = make("span", { class: "name" });
    this.split = make("span", { class: "badge" });
    this.status = make("span", { class: "badge status" });
    this.saved = make("span", { class: "saved", role: "status", "aria-live": "polite" });
    this.labels = make("div", { class: "labels", role: "toolbar", "aria-label": "Labels" });
    this.bar = make("div", { class: "bar", role: "alert", hidden: "" });
    this.hint = make("span", { class: "hint", id: "hint" });
    this.total = make("span", { class: "total" });
    this.live = make("span", { class: "aside", "aria-live": "polite" });
    this.card = make("div", { class: "card", popover: "manual", role: "dialog" });
    this.help = makeHelp(
      this.#button("Close (Esc)", { caption: "Close", class: "action" }, "help"),
    );
    this.#buildPane();
    this.#buildTools();
    this.root = this.#buildRoot();
  }

  #button(title, options, command) {
    return button(title, { ...options, onclick: () => this.act(command) });
  }

  // A button whose title names the key of its command.
  #keyedButton(title, options, command) {
    const element = this.#button(title, options, command);
    this.keyed.push([command, title, element]);
    return element;
  }

  #buildPane() {
    const pane = { class: "pane", tabindex: "0", role: "group", "aria-describedby": "hint" };
    this.text = make("div", { class: "text" });
    this.grips = ["start", "end"].map((edge) => make("div", { class: `grip ${edge}`, hidden: "" }));
    this.pane = make("div", pane, this.text, ...this.grips);
    this.guide = make("aside", { class: "guide", "aria-label": "Guideline", hidden: "" });
  }

  #buildTools() {
    const tool = (mark, title) => this.#keyedButton(title, { mark, class: "tool" }, mark);
    const action = (caption, command, more = "") =>
      this.#keyedButton(caption, { caption, key: " ", class: `action${more}` }, command);
    this.previous = tool("previous", "Previous document");
    this.next = tool("next", "Next document");
    this.undo = tool("undo", "Undo");
    this.redo = tool("redo", "Redo");
    this.flag = tool("flag", "Flag");
    this.comment = tool("comment", "Comment");
    this.comment.append(make("span", { class: "words", hidden: "" }));
    this.find = this.#keyedButton("Find a label", { mark: "find", key: " ", class: "find" }, "palette");
    this.none = make("span", { class: "none" }, NO_LABELS, action("Make a label", "palette"));
    this.erase = tool("remove", "Delete");
    this.book = this.#keyedButton("Guideline", { mark: "guide", class: "tool" }, "guide");
    this.skip = action("Skip", "skip");
    this.done = action("Done", "done", " main");
    this.judge = [action("Accept", "accept"), action("Reject", "reject")];
    this.suggestionBar = new SuggestionBar(action);
  }

  // One bar above the text, one below it; nothing above the text ever comes or goes.
  #buildRoot() {
    const group = (...parts) => make("div", { class: "group" }, ...parts);
    const keys = this.#keyedButton("Keys", { caption: "Keys", key: " ", class: "link" }, "help");
    const sheet = make("div", { class: "sheet" }, this.#buildHead(), this.pane, this.guide);
    const top = make(
      "div",
      { class: "top" },
      group(this.previous, this.place, this.next, this.left),
      group(this.undo, this.redo, this.skip, this.done),
    );
    const chips = make("div", { class: "chips" }, this.labels, group(this.find));
    const kept = group(this.saved, this.total, keys);
    const told = make("div", { class: "foot" }, this.hint, this.suggestionBar.root, kept);
    const foot = make("div", { class: "under" }, chips, told);
    const parts = [top, sheet, this.bar, foot, this.card, this.help, this.live];
    return make("div", { class: "tagger" }, ...parts);
  }

  #buildHead() {
    const marks = make("div", { class: "group marks" }, this.flag, this.comment, this.book);
    const about = make("div", { class: "group about" }, this.name, this.split, this.status);
    return make("div", { class: "head" }, about, this.why, marks);
  }

  /** Show the keys that are bound on the buttons and in the help. */
  showKeys(commands, { keys }) {
    for (const [command, caption, element] of this.keyed) {
      const cap = keys.get(command).map(capOf)[0];
      const title = cap ? `${caption} (${cap})` : caption;
      element.title = title;
      element.setAttribute("aria-label", title);
      const printed = element.querySelector("kbd");
      if (printed) say(printed, cap ?? "");
      if (printed) printed.hidden = !cap;
    }
    fillHelp(this.help, commands, keys);
  }

  /** Show which document this is and where it stands in the queue. */
  showPlace(document, { ids, index, total, why }) {
    const here = ids.indexOf(document.id);
    say(this.place, `${(index + 1).toLocaleString("en")} of ${total.toLocaleString("en")}`);
    say(this.why, why);
    this.why.title = why;
    say(this.name, document.name);
    say(this.split, document.split ?? "");
    this.name.title = document.name;
    this.split.hidden = !document.split;
    this.previous.disabled = here <= 0;
    this.next.disabled = here < 0 || here === ids.length - 1;
    this.pane.setAttribute("aria-label", `Text of ${document.name}`);
  }

  /** Show the state of the annotation: status, steps to undo, counts; and what is left to do. */
  showState({ status, spans, undo, redo, elsewhere }, left) {
    const name = nameStatus(status, spans);
    if (this.status.textContent !== name) this.status.replaceChildren(icon(status), name);
    this.status.dataset.status = status;
    const steps = stepsLeft({ undo, redo, elsewhere });
    this.undo.disabled = !steps.undo;
    this.redo.disabled = !steps.redo;
    this.done.firstChild.textContent = status === "done" ? "Next" : "Done";
    this.skip.firstChild.textContent = status === "skipped" ? "Take up again" : "Skip";
    say(this.total, count(spans.size, "span"));
    say(this.left, left ? `${left.toLocaleString("en")} to do` : "nothing to do");
  }

  /** Show the labels as chips, with their digit and how often they occur here. */
  showLabels(labels, spans, sticky, shades) {
    const counts = new Map();
    for (const { label } of spans.values()) counts.set(label, (counts.get(label) ?? 0) + 1);
    const chips = this.labels.getElementsByClassName("chip");
    while (chips.length > labels.length) chips[chips.length - 1].remove();
    if (labels.length) this.none.remove();
    else if (!this.none.isConnected) this.labels.append(this.none);
    labels.forEach((label, index) => {
      const chip = this.labels.children[index] ?? this.#addChip(index);
      this.#fillChip(chip, label, counts.get(label.name) ?? 0, label.name === sticky);
      paint(chip, shades, label.name);
    });
  }

  #addChip(index) {
    const parts = ["kbd", "span", "small"].map((tag) => make(tag));
    const props = { type: "button", class: "chip", onclick: () => this.act({ label: index }) };
    return this.labels.appendChild(make("button", props, ...parts));
  }

  #fillChip(chip, { name, key, description }, number, pressed) {
    const [digit, caption, total] = chip.children;
    const keyed = key ? `, key ${key}` : "";
    say(digit, key);
    digit.hidden = !key;
    say(caption, name);
    say(total, String(number));
    chip.title = description || name;
    // A label that is taken up shows, wherever the list has been scrolled to.
    if (pressed && chip.getAttribute("aria-pressed") === "false") this.#uncover(chip);
    chip.setAttribute("aria-pressed", pressed);
    chip.setAttribute("aria-label", `${name}, ${count(number, "span")}${keyed}`);
  }

  #uncover({ offsetTop, offsetHeight }) {
    const { labels } = this;
    const lowest = offsetTop + offsetHeight - labels.clientHeight;
    labels.scrollTop = Math.min(Math.max(labels.scrollTop, lowest), offsetTop);
  }

  /** Show how saving stands. */
  showSaved(saving) {
    drawSaved(this.saved, saving);
  }

  /** Show a message with choices above the text, or hide it. */
  showBar(trouble) {
    drawBar(this.bar, trouble);
  }

  /** Show a line under the text; a warning may have something to agree to, with a caption. */
  showHint(text, warning = false, caption = null) {
    this.hint.classList.toggle("warning", warning);
    const act = caption && this.#button(caption, { caption, class: "link" }, "agree");
    if (act) this.hint.replaceChildren(text, " ", act);
    else say(this.hint, text);
  }

  /** Fill the card of a span: its label, who made it, how sure a model was. */
  fillCard({ label, source, score }, shades) {
    const name = make("span", { class: "tag" }, label);
    paint(name, shades, label);
    const sure = typeof score === "number" ? `, ${percent(score)} sure` : "";
    const maker = make("span", {}, `${SOURCES[source] ?? source}${sure}`);
    this.card.setAttribute("aria-label", `Span ${label}`);
    this.card.replaceChildren(name, maker, this.erase);
  }

  /** Fill the card of a suggestion: its label, how sure the model is, what can be done. */
  fillSuggestionCard({ label, score }, shades) {
    const name = make("span", { class: "tag" }, label);
    paint(name, shades, label);
    this.card.setAttribute("aria-label", `Suggested ${label}`);
    this.card.replaceChildren(name, make("span", {}, `suggested, ${percent(score)}`), ...this.judge);
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
