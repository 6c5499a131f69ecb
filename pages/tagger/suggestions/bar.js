// The row under the text: where the same words stand, and what the model suggests.
import { clip } from "../document/offsets.js";
import { count, make, percent, say } from "../elements/elements.js";

const THRESHOLDS = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];

/** Shows the machine's offers; `action(caption, command)` makes a button, `choose(threshold)`
 *  hears the list. */
export class SuggestionBar {
  constructor(action) {
    this.choose = () => {};
    this.words = make("span", { role: "status" });
    this.here = action("Label here", "repeat");
    this.everywhere = action("Everywhere", "preview");
    this.repeats = make("div", { class: "group" }, this.words, this.here, this.everywhere);
    this.total = make("span");
    this.level = make("select", { "aria-label": "Suggestions at least this sure" });
    this.level.onchange = () => this.choose(Number(this.level.value));
    this.accept = action("Accept all", "acceptAll");
    this.sure = make("div", { class: "group sure" }, this.total, this.level, this.accept);
    this.root = make("div", { class: "row suggestion-bar" }, this.sure, this.repeats);
  }

  /** Show what can be repeated, and how many suggestions are sure enough. */
  show(repeats, suggestions) {
    this.#showRepeats(repeats);
    this.sure.hidden = !suggestions.looked || !suggestions.all.length;
    if (!this.sure.hidden) this.#showSure(suggestions);
    this.root.hidden = this.sure.hidden && this.repeats.hidden;
  }

  #showRepeats({ offer, free }) {
    const found = offer && (free.length || offer.spans);
    this.repeats.hidden = !found;
    if (!found) return say(this.words, "");
    const here = free.length && `${free.length.toLocaleString("en")} more in this document`;
    const many = offer.counted ? " and more" : "";
    const away = offer.spans && `${offer.spans.toLocaleString("en")}${many} in the project`;
    this.here.hidden = !free.length;
    this.everywhere.hidden = !offer.spans;
    return say(this.words, `“${clip(offer.quote)}”: ${[here, away].filter(Boolean).join(", ")}`);
  }

  #showSure({ sure, threshold, maker }) {
    say(this.total, `${count(sure.length, "suggestion")} ≥`);
    this.sure.title = maker && `Suggested by ${maker}`;
    this.accept.disabled = !sure.length;
    if (Number(this.level.value) === threshold) return;
    const levels = [...new Set([...THRESHOLDS, threshold])].sort((a, b) => a - b);
    const options = levels.map((level) => make("option", { value: level }, percent(level)));
    this.level.replaceChildren(...options);
    this.level.value = threshold;
  }
}
