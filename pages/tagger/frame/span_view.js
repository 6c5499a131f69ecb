// The frame of the tagger of spans: chips to label with, cards of what is labelled.
import { SuggestionBar } from "../suggestions/bar.js";
import { COMMANDS, POINTER } from "../keys/commands.js";
import { paint } from "../labels/colors.js";
import { count, make, percent, say } from "../elements/elements.js";
import { View } from "./view.js";

const SOURCES = {
  person: "by hand",
  import: "imported",
  model: "by a model",
  dictionary: "by a dictionary",
  sampled: "by nobody: sampled",
  mined: "by nobody: mined",
};
const NO_LABELS = "There are no labels yet.";

/** The frame; `act(command)` hears every button. */
export class SpanView extends View {
  get commands() {
    return COMMANDS.spans;
  }

  get pointer() {
    return POINTER.spans;
  }

  buildText() {
    this.grips = ["start", "end"].map((edge) => make("div", { class: `grip ${edge}`, hidden: "" }));
    return [this.text, ...this.grips];
  }

  buildOver() {
    this.card = make("div", { class: "card", popover: "manual", role: "dialog" });
    this.erase = this.tool("remove", "Delete");
    this.discuss = this.tool("talk", "Talk about it");
    this.judge = [this.action("Accept", "accept"), this.action("Reject", "reject")];
    return [this.card];
  }

  buildUnder(kept) {
    this.labels = make("div", { class: "labels", role: "toolbar", "aria-label": "Labels" });
    this.find = this.keyedButton("Find a label", { mark: "find", key: " ", class: "find" }, "palette");
    this.none = make("span", { class: "none" }, NO_LABELS, this.action("Make a label", "palette"));
    this.suggestionBar = new SuggestionBar((caption, command) => this.action(caption, command));
    const finds = make("div", { class: "group" }, this.find);
    const chips = make("div", { class: "chips" }, this.labels, finds);
    return [chips, make("div", { class: "foot" }, this.hint, this.suggestionBar.root, kept)];
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

  /** Fill the card of a span: its label, who made it, how sure a model was. */
  fillCard({ label, source, score }, shades) {
    const name = make("span", { class: "tag" }, label);
    paint(name, shades, label);
    const sure = typeof score === "number" ? `, ${percent(score)} sure` : "";
    const maker = make("span", {}, `${SOURCES[source] ?? source}${sure}`);
    this.card.setAttribute("aria-label", `Span ${label}`);
    this.card.replaceChildren(name, maker, this.discuss, this.erase);
  }

  /** Fill the card of a suggestion: its label, how sure the model is, what can be done. */
  fillSuggestionCard({ label, score, maker }, shades) {
    const name = make("span", { class: "tag" }, label);
    paint(name, shades, label);
    this.card.setAttribute("aria-label", `Suggested ${label}`);
    const made = make("span", {}, `suggested${maker ? ` by ${maker}` : ""} · ${percent(score)}`);
    this.card.replaceChildren(name, made, ...this.judge);
  }

  /** Tell a screen reader which span is selected; the text keeps the keyboard. */
  point(span) {
    if (span) this.pane.setAttribute("aria-activedescendant", `span-${span.id}`);
    else this.pane.removeAttribute("aria-activedescendant");
  }
}
