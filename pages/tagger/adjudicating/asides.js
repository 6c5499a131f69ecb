// What a decision leads to beside itself: an example in the guideline with its reason, or a
// question to others. Both are typed in one line under the places.
import { clip } from "../document/offsets.js";
import { isWhole } from "../document/places.js";
import { button, make } from "../elements/elements.js";
import { isComposing } from "../keys/keys.js";
import { keyOf } from "../rows/decisions.js";
import { describeFailure } from "../saving/requests.js";
import { Mentions } from "../talking/mentions.js";
import { marksIn, standingIn } from "./settling.js";

const LONGEST = 2000;

/** Takes examples and questions, for one page. */
export class Asides {
  constructor(walk) {
    this.walk = walk;
    this.title = make("label", { for: "aside-text" });
    this.choice = make("select", { "aria-label": "Of what it is an example" });
    this.field = make("input", { id: "aside-text", maxlength: LONGEST, autocomplete: "off" });
    this.mentions = new Mentions(this.field, () => this.walk.talk.asked);
    const cancel = { caption: "Cancel", key: "Esc", class: "action", onclick: () => this.close() };
    const save = make("button", { type: "submit", class: "action" }, "Keep", make("kbd", {}, "⏎"));
    const line = [this.title, this.choice, this.field, save, button("Cancel (Esc)", cancel)];
    const props = { class: "writing", hidden: "", onsubmit: (event) => this.#submit(event) };
    const hears = { onkeydown: (event) => this.#onKey(event), oninput: () => this.#typed() };
    this.element = make("form", { ...props, ...hears }, ...line, this.mentions.element);
  }

  /** Ask others about the place. */
  ask() {
    const { row } = this.walk.path;
    this.choice.replaceChildren();
    this.#open("Ask about it:", "Why …? @name tells somebody", async (text) => {
      const { document, start, end } = row;
      const answer = await this.walk.requester.ask("ask", { document, start, end, text });
      if (answer.status !== 200) return this.#failed(answer);
      this.walk.talk.renew();
      return "Asked: the question stands in Talk";
    });
  }

  /** Take a text; `send(text)` returns what is said of it then, null where it did not go. */
  write(title, placeholder, send, text = "") {
    this.choice.replaceChildren();
    this.#open(title, placeholder, send, text);
  }

  /** Keep a mark of the place as an example of what its label is, or is not. */
  keep() {
    const { row } = this.walk.path;
    const found = this.#examples(row);
    const caption = ({ mark, kind }) => {
      const { offsets } = this.walk.desk.get(row.document).rules;
      const words = isWhole(mark) ? "this text" : `“${clip(offsets.slice(mark.start, mark.end))}”`;
      return `${words} ${kind === "positive" ? "is" : "is not"} ${mark.label}`;
    };
    this.choice.replaceChildren(
      ...found.map((each, at) => make("option", { value: String(at) }, caption(each))),
    );
    if (!found.length) return this.walk.note("Nobody labelled anything here.", true);
    return this.#open("Example:", "because …", async (reason) => {
      const { mark, kind } = found[Number(this.choice.value)];
      const { document, window } = row;
      const place = { start: mark.start, end: mark.end, from: window.start, to: window.end };
      const question = { document, ...place, label: mark.label, kind, reason };
      const answer = await this.walk.requester.ask("example", question);
      const words = `Kept in the guideline as an example of ${mark.label}`;
      return answer.status === 200 ? words : this.#failed(answer);
    });
  }

  // What stands shows what its label is; what somebody had instead, what that is not.
  #examples(row) {
    const session = this.walk.desk.get(row.document);
    const standing = standingIn(row, session.state, this.walk.agreed);
    const keys = new Set(standing.map(keyOf));
    const against = marksIn(row).filter((mark) => !keys.has(keyOf(mark)));
    return [
      ...standing.map((mark) => ({ mark, kind: "positive" })),
      ...against.map((mark) => ({ mark, kind: "negative" })),
    ];
  }

  #open(title, placeholder, send, text = "") {
    this.send = send;
    // A reason tells nobody: it stands in the guideline.
    this.tells = !this.choice.options.length;
    this.mentions.element.replaceChildren();
    this.title.textContent = title;
    this.choice.hidden = !this.choice.options.length;
    this.field.placeholder = placeholder;
    this.field.value = text;
    this.element.hidden = false;
    this.field.focus();
  }

  /** Learn whom a question may name. */
  learn(names) {
    this.mentions.names = names;
    this.#typed();
  }

  /** Put the line away. */
  close() {
    this.element.hidden = true;
    this.field.blur();
  }

  async #submit(event) {
    event.preventDefault();
    await this.mentions.filled;
    const text = this.field.value.trim();
    if (!text) return this.walk.note("Say it in a few words first.", true);
    const said = await this.send(text);
    if (!said) return null;
    this.close();
    return this.walk.note(said);
  }

  // The line stays, with what was typed.
  #failed(answer) {
    return this.walk.note(`Not kept: ${describeFailure(answer)}`, true);
  }

  #typed() {
    if (this.tells) this.mentions.offer();
  }

  #completes({ target }) {
    return this.tells && target === this.field;
  }

  #onKey(event) {
    if (isComposing(event) || (this.#completes(event) && this.mentions.take(event))) return;
    if (event.key !== "Escape") return;
    event.preventDefault();
    this.close();
  }
}
