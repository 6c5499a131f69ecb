// The frame around a text: what stands where, and how each part shows the state.
import { fillHelp, makeHelp } from "../keys/help.js";
import { capOf } from "../keys/keys.js";
import { stepsLeft } from "../editing/history.js";
import { nameStatus } from "./messages.js";
import { button, count, icon, make, say } from "../elements/elements.js";
import { describeCoach } from "../coaching/standing.js";
import { drawBar, drawSaved } from "../elements/status.js";

/** The frame; `act(command)` hears every button. A subclass has `commands`, `pointer` (see
 *  keys/commands.js), buildUnder(kept), which returns what stands under the text, and `whole`
 *  where labels stand for whole documents. */
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
    this.bar = make("div", { class: "bar", role: "alert", hidden: "" });
    this.hint = make("span", { class: "hint", id: "hint" });
    this.total = make("span", { class: "total" });
    this.coach = make("span", { class: "coach" });
    this.live = make("span", { class: "aside", "aria-live": "polite" });
    this.help = makeHelp(this.button("Close (Esc)", { caption: "Close", class: "action" }, "help"));
    this.text = make("div", { class: "text" });
    this.guide = make("aside", { class: "guide", "aria-label": "Guideline", hidden: "" });
    this.talk = make("aside", { class: "guide talk", "aria-label": "Talk", hidden: "" });
    const pane = { class: "pane", tabindex: "0", role: "group", "aria-describedby": "hint" };
    this.pane = make("div", pane, ...this.buildText());
    this.#buildTools();
    this.root = this.#buildRoot();
  }

  /** Return what scrolls as the text. */
  buildText() {
    return [this.text];
  }

  /** Return what stands beside the flag. */
  buildMarks() {
    return [];
  }

  /** Return what lies over everything. */
  buildOver() {
    return [];
  }

  /** Make a button for a command. */
  button(title, options, command) {
    return button(title, { ...options, onclick: () => this.act(command) });
  }

  /** Make one whose title names the key of its command. */
  keyedButton(title, options, command) {
    const element = this.button(title, options, command);
    this.keyed.push([command, title, element]);
    return element;
  }

  /** Make a button that shows an icon. */
  tool(mark, title, command = mark) {
    return this.keyedButton(title, { mark, class: "tool" }, command);
  }

  /** Make a button that shows its name and its key. */
  action(caption, command, more = "") {
    return this.keyedButton(caption, { caption, key: " ", class: `action${more}` }, command);
  }

  #buildTools() {
    this.previous = this.tool("previous", "Previous document");
    this.next = this.tool("next", "Next document");
    this.undo = this.tool("undo", "Undo");
    this.redo = this.tool("redo", "Redo");
    this.flag = this.tool("flag", "Flag");
    this.comment = this.tool("comment", "Comment");
    this.comment.append(make("span", { class: "words", hidden: "" }));
    this.talkButton = this.tool("talk", "Talk");
    this.talkButton.append(make("span", { class: "words", hidden: "" }));
    this.book = this.tool("guide", "Guideline");
    this.changed = this.action("Show", "showChanged");
    this.skip = this.action("Skip", "skip");
    this.done = this.action("Done", "done", " main");
  }

  // One bar above the text, one below it; nothing above the text ever comes or goes.
  #buildRoot() {
    const group = (...parts) => make("div", { class: "group" }, ...parts);
    const keys = this.keyedButton("Keys", { caption: "Keys", key: " ", class: "link" }, "help");
    const sheet = make("div", { class: "sheet" }, this.#buildHead(), this.pane, this.guide, this.talk);
    const top = make(
      "div",
      { class: "top" },
      group(this.previous, this.place, this.next, this.left),
      group(this.undo, this.redo, this.skip, this.done),
    );
    const kept = group(this.saved, this.total, keys);
    const under = make("div", { class: "under" }, ...this.buildUnder(kept));
    const parts = [top, sheet, this.bar, under, ...this.buildOver(), this.help, this.live];
    return make("div", { class: "tagger" }, ...parts);
  }

  #buildHead() {
    const tools = [...this.buildMarks(), this.flag, this.comment, this.talkButton, this.book];
    const marks = make("div", { class: "group marks" }, ...tools);
    const about = make("div", { class: "group about" }, this.name, this.split, this.status);
    return make("div", { class: "head" }, about, this.why, this.coach, marks);
  }

  /** Show the keys that are bound on the buttons and in the help. */
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
    fillHelp(this.help, this.commands, keys, this.pointer);
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
  showState({ status, spans, undo, redo, elsewhere }, left, behind) {
    const name = nameStatus(status, spans, this.whole);
    if (this.status.textContent !== name) this.status.replaceChildren(icon(status), name);
    this.status.dataset.status = status;
    const steps = stepsLeft({ undo, redo, elsewhere });
    this.undo.disabled = !steps.undo;
    this.redo.disabled = !steps.redo;
    // Of what was made under an older guideline it says that it is right, as it stands.
    this.done.firstChild.textContent = status !== "done" ? "Done" : behind ? "Confirm" : "Next";
    this.skip.firstChild.textContent = status === "skipped" ? "Take up again" : "Skip";
    say(this.total, count(spans.size, this.whole ? "label" : "span"));
    say(this.left, left ? `${left.toLocaleString("en")} to do` : "nothing to do");
  }

  /** Show how saving stands. */
  showSaved(saving) {
    drawSaved(this.saved, saving);
  }

  /** Show how far the coach is, unless nothing is suggested for this document. */
  showCoach(coach) {
    const { text, title } = describeCoach(coach, this.withheld);
    say(this.coach, text);
    this.coach.title = title;
  }

  /** Offer suggestions that have changed since they were drawn. */
  showChanged(text) {
    this.hint.classList.remove("warning");
    if (this.hint.firstChild?.textContent === `${text} ` && this.hint.contains(this.changed)) return;
    this.hint.replaceChildren(`${text} `, this.changed);
  }

  /** Show a message with choices above the text, or hide it. */
  showBar(trouble) {
    drawBar(this.bar, trouble);
  }

  /** Show a line under the text; a warning may have something to agree to, with a caption. */
  showHint(text, warning = false, caption = null) {
    this.hint.classList.toggle("warning", warning);
    const act = caption && this.button(caption, { caption, class: "link" }, "agree");
    if (act) this.hint.replaceChildren(text, " ", act);
    else say(this.hint, text);
  }

  /** Tell a screen reader what has just happened. */
  announce(text) {
    this.live.textContent = text;
  }
}
