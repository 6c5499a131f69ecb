// What the machine offers: texts that are nearly the same, and what a model is sure of.
import { count, make, percent, say } from "../elements/elements.js";
import { describeAlike } from "./alike.js";
import { describeRecord } from "./sure.js";

const THRESHOLDS = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];

/** Shows the offers; `action(caption, command)` makes a button, `choose(threshold)` hears the
 *  list. */
export class Offers {
  constructor(action) {
    this.choose = () => {};
    this.words = make("span", { class: "alike-words", role: "status" });
    this.answer = action("Answer them too", "answerAlike");
    this.look = action("Look", "showAlike");
    this.alike = make("div", { class: "group alike-offer" }, this.words, this.answer, this.look);
    this.total = make("span");
    this.level = make("select", { "aria-label": "The model at least this sure" });
    this.level.onchange = () => this.choose(Number(this.level.value));
    this.record = make("span", { class: "record" });
    this.accept = action("Accept all", "acceptAll");
    const sure = [this.total, this.level, this.record, this.accept];
    this.sure = make("div", { class: "group sure" }, ...sure);
  }

  /** Show both; `has` tells whether the open document has an answer, `said` whether there are
   *  news to be read where the offer stands. */
  show({ offer }, { found }, { threshold }, has, said) {
    this.alike.hidden = !offer || said;
    say(this.words, offer ? describeAlike(offer) : "");
    this.words.title = this.words.textContent;
    this.answer.disabled = !offer || !(offer.about || has);
    this.look.disabled = this.answer.disabled;
    this.sure.hidden = !found;
    if (found) this.#showSure(found, threshold);
  }

  #showSure(found, threshold) {
    say(this.total, `${count(found.documents, "document")} ≥`);
    const record = describeRecord(found);
    say(this.record, found.total ? `${percent(found.right / found.total)} right on dev` : "never so sure on dev");
    this.record.title = record;
    this.accept.disabled = !found.documents;
    if (Number(this.level.value) === threshold) return;
    const levels = [...new Set([...THRESHOLDS, threshold])].sort((a, b) => a - b);
    const options = levels.map((level) => make("option", { value: level }, percent(level)));
    this.level.replaceChildren(...options);
    this.level.value = threshold;
  }
}
