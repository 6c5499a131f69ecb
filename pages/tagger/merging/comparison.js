// The merge view: two versions of one document side by side and a choice for each place
// where they differ. It lies over the page, so no text moves when it comes.
import { button, count, make } from "../elements/elements.js";
import { cutPassages, describeChanges, drawPassage, nameDifference } from "./passages.js";

const SIDES = { theirs: "Theirs", mine: "Mine" };
const NOTES = { theirs: "saved", mine: "not saved yet" };
const CAPTIONS = { ...SIDES, both: "Both" };
const WHY = "This document was changed in another tab or by someone else while you worked on it.";
// Of very many differences the first are shown; the buttons decide about all of them.
const MOST_SHOWN = 200;

/** The dialog; `on` hears chosen(comparison, choices, caption) and putOff(). */
export class Comparison {
  constructor(on) {
    this.on = on;
    this.shown = null;
    this.later = null;
    const named = { "aria-labelledby": "merge-title", "aria-describedby": "merge-about" };
    this.root = make("dialog", { class: "merge", ...named });
    this.root.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#putOff();
    });
    // Neither the text beneath nor Streamlit, which listens for single keys, hears of these.
    for (const type of ["keydown", "mousedown", "copy"]) {
      this.root.addEventListener(type, (event) => event.stopPropagation());
    }
  }

  /** Show the conflict of a session where it has one that was not put off, else close. */
  follow(session, shades) {
    const { halt } = session.lane;
    const conflict = halt?.kind === "conflict" ? halt : null;
    if (conflict === this.shown || (conflict && conflict === this.later)) return;
    this.shown = conflict;
    if (conflict) this.#open(session, shades);
    else this.#close();
  }

  /** Tell whether the person put this conflict off. */
  waits({ halt }) {
    return halt !== null && halt === this.later;
  }

  /** Show again what was put off. */
  resume() {
    this.later = null;
  }

  #putOff() {
    this.later = this.shown;
    this.shown = null;
    this.#close();
    this.on.putOff();
  }

  #close() {
    this.root.close();
    this.root.replaceChildren();
  }

  #open(session, shades) {
    const comparison = session.compare();
    const { differences } = comparison;
    // Both did the same: there is nothing to choose.
    if (!differences.length) return queueMicrotask(() => this.on.chosen(comparison, []));
    this.comparison = comparison;
    this.choices = differences.map(({ united }) => united);
    this.#fill(session, shades);
    if (!this.root.open) this.root.showModal();
    // Not a button: a key that was meant for the text must not decide.
    return this.title.focus();
  }

  #choose(caption, choices = this.choices) {
    this.#close();
    this.on.chosen(this.comparison, choices, caption);
  }

  #fill({ document, rules }, shades) {
    const { differences } = this.comparison;
    const numbered = differences.slice(0, MOST_SHOWN).map((each, index) => [each, index + 1]);
    this.title = make("h2", { id: "merge-title", tabindex: "-1" }, "Two versions of ");
    this.title.append(make("span", {}, document.name || "this document"));
    const passages = cutPassages(differences.slice(0, MOST_SHOWN), rules.offsets);
    const shown = { passages, numbered, offsets: rules.offsets, shades };
    const body = make("div", { class: "passages", tabindex: "0", role: "group" });
    body.setAttribute("aria-label", "What differs");
    body.append(...passages.map((passage) => this.#passage(passage, shown)));
    const general = numbered.filter(([{ end }]) => end === undefined);
    body.append(...general.map((each) => this.#difference(each, rules.offsets)));
    this.root.replaceChildren(this.title, this.#about(), body, this.#foot());
  }

  #about() {
    const { differences, lost } = this.comparison;
    const clashes = differences.filter(({ clash }) => clash).length;
    const clash = clashes
      ? `, ${clashes} of which ${clashes === 1 ? "clashes" : "clash"}: there theirs stays unless you choose`
      : "";
    const left = lost ? ` ${count(lost, "change")} of yours no longer fit and were left out.` : "";
    const hidden = differences.length - MOST_SHOWN;
    const more = hidden > 0 ? ` The first ${MOST_SHOWN} are shown.` : "";
    const sum = `${count(differences.length, "difference")}${clash}.`;
    const text = `${WHY} Nothing is overwritten before you have decided. ${sum}${more}${left}`;
    return make("p", { id: "merge-about" }, text);
  }

  #passage(passage, { passages, numbered, offsets, shades }) {
    const { theirs, mine } = this.comparison;
    const here = numbered.filter(([{ start }]) => passage.start <= start && start < passage.end);
    const drawn = { theirs: theirs.spans, mine: mine.spans };
    const number = passages.length > 1 ? ` Passage ${passages.indexOf(passage) + 1}` : "";
    const sides = Object.entries(drawn).map(([side, spans]) => {
      const heading = make("h3", {}, SIDES[side], make("small", {}, NOTES[side]));
      const text = drawPassage(passage, side, spans, here, offsets, shades);
      const named = { class: "side", role: "group", "aria-label": `${SIDES[side]}.${number}` };
      return make("div", named, heading, text);
    });
    const choices = here.map((each) => this.#difference(each, offsets));
    return make("section", {}, make("div", { class: "sides" }, ...sides), ...choices);
  }

  #difference([difference, number], offsets) {
    const name = nameDifference(difference, offsets);
    const badge = difference.clash && make("span", { class: "badge" }, "clash");
    const legend = make("legend", {}, make("b", {}, String(number)), name, badge);
    const options = Object.keys(difference.results).map((choice) => {
      const words = choice === "both" ? "" : describeChanges(difference.changes[choice], offsets);
      return this.#option(number - 1, choice, words);
    });
    return make("fieldset", {}, legend, ...options);
  }

  #option(index, choice, words) {
    const checked = this.choices[index] === choice;
    const radio = make("input", { type: "radio", name: `merge-${index}`, value: choice });
    radio.checked = checked;
    radio.onchange = () => {
      this.choices[index] = choice;
      this.#showCaption();
    };
    return make("label", {}, radio, make("strong", {}, CAPTIONS[choice]), make("span", {}, words));
  }

  #foot() {
    const { differences } = this.comparison;
    const all = (side) => differences.map(() => side);
    const action = (caption, onclick, more = "") =>
      button(caption, { caption, class: `action${more}`, onclick });
    this.take = action("Take both", () => this.#choose(this.take.textContent), " main");
    return make(
      "div",
      { class: "row" },
      action("Decide later", () => this.#putOff(), " link"),
      make(
        "div",
        { class: "group" },
        action("Keep theirs", () => this.#choose("Keep theirs", all("theirs"))),
        action("Keep mine", () => this.#choose("Keep mine", all("mine"))),
        this.take,
      ),
    );
  }

  // All that goes together is taken until the person chooses for one difference.
  #showCaption() {
    const united = this.comparison.differences.every(({ united }, at) => united === this.choices[at]);
    const caption = united ? "Take both" : "Save my choices";
    this.take.textContent = this.take.title = caption;
    this.take.setAttribute("aria-label", caption);
  }
}
