// The names that a comment may carry: offered behind an "@" while one is typed, filled in by a key.
import { make } from "../elements/elements.js";
import { completions, naming } from "./thread.js";

/** Completes names in one field. */
export class Mentions {
  /** `asked()` returns what is on its way and brings the names. */
  constructor(field, asked) {
    this.field = field;
    this.asked = asked;
    // Whom a comment may name, once that is known.
    this.names = null;
    this.element = make("div", { class: "group offered" });
  }

  /** Learn whom a comment may name. */
  learn(names) {
    this.names = names;
    this.offer();
  }

  /** Offer who may be meant by what is typed before the caret. */
  offer() {
    const { value, selectionStart } = this.field;
    this.found = completions(value.slice(0, selectionStart), this.names ?? []);
    const fill = (name) => make("button", { type: "button", class: "link", onclick: () => this.#fill(name) }, name);
    this.element.replaceChildren(...(this.found?.names ?? []).map(fill));
  }

  /** Take a key that fills a name in; tell whether it was one. */
  take(event) {
    const fills = event.key === "Tab" || (event.key === "Enter" && !event.shiftKey);
    if (fills && this.found) this.#fill(this.found.names[0]);
    else if (event.key === "Tab" && !this.names && this.#isNaming()) this.filled = this.#fillOnceKnown();
    else return false;
    event.preventDefault();
    return true;
  }

  #fill(name) {
    const { field, found } = this;
    field.setRangeText(`@${name} `, found.at, field.selectionStart, "end");
    field.focus();
    this.offer();
  }

  // Who types faster than the names come goes on behind a space.
  async #fillOnceKnown() {
    const { field } = this;
    const before = field.value.slice(0, field.selectionStart);
    field.setRangeText(" ", before.length, field.selectionEnd, "end");
    await this.asked();
    const found = completions(before, this.names ?? []);
    if (!found || !field.value.startsWith(before)) return;
    field.setRangeText(`@${found.names[0]}`, found.at, before.length, "preserve");
  }

  #isNaming() {
    const { value, selectionStart } = this.field;
    return naming(value.slice(0, selectionStart)) >= 0;
  }
}
