// What stands around the rows: the counts, the decisions with their keys, the pages, and what is
// said. Nothing of it comes or goes while people decide, so that nothing moves under the pointer.
import { capOf } from "../keys/keys.js";
import { button, make, say } from "../elements/elements.js";
import { drawBar, drawSaved } from "../elements/status.js";

const NUMBERS = new Intl.NumberFormat("en");
const DECISIONS = [
  ["walkAccept", "Accept", "Accept the prediction"],
  ["walkKeep", "Keep mine", "Keep what is labelled"],
  ["walkEdit", "Edit", "Edit in the row"],
  ["walkNeither", "Both wrong", "Both are wrong"],
  ["walkAsk", "Unclear", "Unclear: flag it and note the question"],
];
// What has no button: said where there is nothing else to say.
const WALKING = [
  ["walkNext", "next"],
  ["walkBack", "back"],
  ["walkMore", "more text"],
];
const LEGEND = [
  ["span", "labelled"],
  ["suggestion", "predicted"],
  ["differs", "where they differ"],
];

/** The frame; `act(command)` hears every button, `turn(page)` the pages. */
export class Frame {
  constructor(act, turn) {
    this.act = act;
    this.turn = turn;
    this.keyed = [];
    this.walking = this.hinted = "";
    this.counts = make("span", { class: "counts" });
    this.saved = make("span", { class: "saved", role: "status", "aria-live": "polite" });
    this.bar = make("div", { class: "bar", role: "alert", hidden: "" });
    this.hint = make("span", { class: "hint" });
    this.list = make("ol", { class: "entries" });
    this.live = make("span", { class: "aside", "aria-live": "polite" });
    this.pages = make("nav", { class: "pages group", "aria-label": "Pages", hidden: "" });
    this.decisions = this.makeDecisions();
    this.root = this.build();
  }

  /** Make the buttons that decide. */
  makeDecisions() {
    return DECISIONS.map(([command, caption, title]) => this.action(command, caption, title));
  }

  /** What has no button, as [command, words]. */
  get walked() {
    return WALKING;
  }

  /** Make a button that shows its name and its key. */
  action(command, caption, title = caption) {
    return this.#keyed(command, title, { caption, key: " ", class: "action" });
  }

  /** Make a button that shows an icon. */
  tool(command, mark, title) {
    return this.#keyed(command, title, { mark, class: "tool" });
  }

  #keyed(command, title, options) {
    const element = button(title, { ...options, onclick: () => this.act(command) });
    this.keyed.push([command, title, element]);
    return element;
  }

  /** Put everything together; return what holds it. */
  build() {
    this.undo = this.tool("walkUndo", "undo", "Undo");
    this.redo = this.tool("walkRedo", "redo", "Redo");
    this.opening = this.tool("walkOpen", "open", "Open it on the Tag page");
    const tools = make("div", { class: "group tools" }, this.undo, this.redo, this.opening);
    const label = { class: "group decisions", role: "toolbar", "aria-label": "Decide" };
    const group = make("div", label, ...this.decisions, tools);
    const told = make("div", { class: "told" }, this.counts, this.hint, this.saved);
    const desk = make("div", { class: "desk" }, group, told);
    this.legend = LEGEND.map(([look, words]) => make("span", { class: `sample ${look}` }, words));
    const under = make("div", { class: "row below" }, make("div", { class: "legend" }, ...this.legend));
    under.append(this.pages);
    return make("div", { class: "walk" }, desk, this.bar, this.list, under, this.live);
  }

  /** Show the keys that are bound on the buttons. */
  showKeys({ keys }) {
    for (const [command, caption, element] of this.keyed) {
      const cap = keys.get(command).map(capOf)[0];
      const title = cap ? `${caption} (${cap})` : caption;
      element.title = title;
      element.setAttribute("aria-label", title);
      const printed = element.querySelector("kbd");
      if (printed) say(printed, cap ?? "");
      if (printed) printed.hidden = !cap;
    }
    const told = this.walked.map(([command, what]) => [keys.get(command).map(capOf)[0], what]);
    this.walking = told.flatMap(([cap, what]) => (cap ? `${cap} ${what}` : [])).join(" · ");
    if (!this.hinted) this.showHint("");
  }

  /** Put rows into the list, in the place of those that are there. */
  fill(views) {
    this.list.replaceChildren(...views.map(({ element }) => element));
  }

  /** Show how much was looked at and mended, or only how many there are. */
  showCounts({ seen, total, mended }) {
    const [looked, all] = [seen, total].map((number) => NUMBERS.format(number ?? 0));
    const words = seen === null ? `${all} in this list` : `${looked} of ${all} looked at`;
    const since = mended === null ? "" : ` · mended since this run: ${NUMBERS.format(mended)}`;
    say(this.counts, words + since);
  }

  /** Show which pages there are, where there are several. */
  showPages(page, pages) {
    this.pages.hidden = pages < 2;
    if (pages < 2 || this.pages.dataset.at === `${page}/${pages}`) return;
    this.pages.dataset.at = `${page}/${pages}`;
    const turn = (to, mark, title) =>
      button(title, { mark, class: "tool", onclick: () => this.turn(to), disabled: !inside(to, pages) });
    const place = `Page ${NUMBERS.format(page)} of ${NUMBERS.format(pages)}`;
    const [back, on] = [turn(page - 1, "previous", "Page before"), turn(page + 1, "next", "Next page")];
    this.pages.replaceChildren(back, make("span", { class: "place" }, place), on);
  }

  /** Say what has become of a command; a warning stands out. */
  showHint(text, warning = false) {
    this.hinted = text;
    this.hint.classList.toggle("warning", warning);
    say(this.hint, text || this.walking);
    this.hint.title = text;
  }

  /** Show how saving stands. */
  showSaved(saving) {
    drawSaved(this.saved, saving);
  }

  /** Show what needs the person, with the choices, or nothing. */
  showBar(trouble) {
    drawBar(this.bar, trouble);
  }

  /** Let people decide, or not. */
  allow(allowed) {
    for (const element of [...this.decisions, this.undo, this.redo]) element.disabled = !allowed;
  }

  /** Where decisions are made elsewhere: one button that leads there, and whose the sides are. */
  showElsewhere(elsewhere) {
    if (!elsewhere) return;
    elsewhere.sides.forEach((name, at) => say(this.legend[at], name));
    if (this.leading) return;
    const words = `Open on ${elsewhere.title}`;
    this.leading = this.action("walkOpen", words);
    this.decisions[0].before(this.leading);
    for (const element of [...this.decisions, this.undo, this.redo, this.opening]) element.hidden = true;
  }

  /** Tell a screen reader. */
  announce(text) {
    this.live.textContent = text;
  }
}

function inside(page, pages) {
  return page >= 1 && page <= pages;
}
