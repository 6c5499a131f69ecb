// A dialog in which places of the project are looked at and ticked, before something is done to
// all of them in one step.
import { makeId } from "../saving/outbox.js";
import { button, make, say } from "../elements/elements.js";
import { delivered, describeFailure } from "../saving/requests.js";

const TRIES = 3;
const PAUSE = 1000;
const PAGE = 10;

/** The dialog over an editor. A subclass has `find(signal)`, which answers with {hits, more},
 *  `send(order, chosen)`, which asks for it to be done, `makeHit(hit)`, `finish(body)`, and words:
 *  `verb` and `doing` for its button, `found(hits, more)`, `spread(chosen)`. */
export class Picker {
  constructor(editor) {
    this.editor = editor;
    this.build();
    editor.renderer.view.root.append(this.dialog);
  }

  /** Return what stands beside the buttons above the list. */
  options() {
    return [];
  }

  build() {
    this.title = make("strong");
    this.status = make("p", { class: "found", role: "status" });
    this.list = make("div", { class: "hits", role: "group", "aria-label": "Places" });
    this.all = this.button("Select all", "action", () => this.#tick(true));
    this.none = this.button("Select none", "action", () => this.#tick(false));
    this.apply = this.button(this.verb, "action main", () => this.#apply(), "Enter");
    const cancel = this.button("Cancel", "action", () => this.dialog.close(), "Esc");
    const row = (...parts) => make("div", { class: "row" }, ...parts);
    const group = (...parts) => make("div", { class: "group" }, ...parts);
    const parts = [
      this.title,
      row(group(...this.options()), group(this.all, this.none)),
      this.status,
      this.list,
      row(cancel, this.apply),
    ];
    this.dialog = make("dialog", { class: "preview", tabindex: "-1", autofocus: "" }, ...parts);
    this.#listen();
  }

  button(caption, name, onclick, key = null) {
    return button(caption, { caption, key, class: name, onclick });
  }

  #listen() {
    const { dialog, list } = this;
    dialog.addEventListener("keydown", (event) => this.#onKey(event));
    // The editor gives every click's keyboard back to the text.
    dialog.addEventListener("mousedown", (event) => event.stopPropagation());
    dialog.addEventListener("close", () => this.#onClose());
    list.addEventListener("change", () => this.#count());
    list.addEventListener("focusin", ({ target }) => this.#rove(target));
  }

  /** Show what is to be looked at. */
  show(title) {
    this.request = null;
    this.hits = [];
    this.fresh = true;
    say(this.title, title);
    this.dialog.setAttribute("aria-label", title);
    this.dialog.showModal();
    this.search();
  }

  #onClose() {
    // It is told later than it happens: the dialog may be open again by now.
    if (this.dialog.open) return;
    this.searching?.abort();
    this.list.replaceChildren();
    this.editor.renderer.focus();
  }

  /** Look for the places, once the server knows all that was edited. */
  async search() {
    this.searching?.abort();
    const { signal } = (this.searching = new AbortController());
    this.#fill({ hits: [], more: 0 }, "Searching…");
    const { outbox, session } = this.editor;
    const trouble = await delivered(outbox, session.lane.token);
    if (trouble || signal.aborted) return trouble && this.#fail(`Not searched: ${trouble}`);
    const answer = await this.find(signal);
    if (signal.aborted) return null;
    if (answer.status !== 200) return this.#fail(`Not searched: ${describeFailure(answer)}`);
    return this.#fill(answer.body, "");
  }

  #fail(text) {
    say(this.status, text);
  }

  #fill({ hits, more = 0 }, text) {
    this.hits = hits;
    this.more = more;
    this.list.replaceChildren(...hits.map((hit) => this.makeHit(hit)));
    this.boxes = [...this.list.querySelectorAll("input")];
    this.#count(text);
    const [first] = this.boxes;
    if (!first) return;
    this.#rove(first);
    // Who is at the options wants to go on there.
    if (this.fresh) first.focus();
    this.fresh = false;
  }

  get #chosen() {
    return this.hits.filter((_, index) => this.boxes[index].checked);
  }

  // Many boxes are one stop of the Tab key.
  #rove(box) {
    if (this.stop) this.stop.tabIndex = -1;
    this.stop = box;
    box.tabIndex = 0;
  }

  #tick(checked) {
    for (const box of this.boxes) box.checked = checked;
    this.#count();
  }

  #count(text = "") {
    const { hits, more } = this;
    const chosen = this.#chosen;
    const spread = this.spread(chosen);
    say(this.apply.firstChild, chosen.length ? `${this.verb} ${spread}` : `${this.verb} none`);
    this.apply.setAttribute("aria-label", `${this.verb} ${spread} (Enter)`);
    this.apply.disabled = !chosen.length;
    this.all.disabled = chosen.length === hits.length;
    this.none.disabled = !chosen.length;
    say(this.status, text || this.found(hits, more));
    // A button that has just been switched off would take the keyboard with it.
    if (this.editor.root.activeElement?.disabled) this.dialog.focus();
  }

  #onKey(event) {
    // Neither the editor nor Streamlit hears the keys of the dialog.
    event.stopPropagation();
    if (event.isComposing) return;
    const { key, target } = event;
    const at = this.boxes.indexOf(this.stop);
    const last = this.boxes.length - 1;
    const ways = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE };
    const to = { ...ways, Home: 0, End: last }[key];
    if (to !== undefined && this.boxes.length) {
      this.boxes[Math.min(Math.max(to, 0), last)].focus();
    } else if (key === "Enter" && !target.matches("button")) {
      this.#apply();
    } else return;
    event.preventDefault();
  }

  async #apply() {
    const chosen = this.#chosen;
    if (!chosen.length || this.busy) return;
    this.#setBusy(true);
    const answer = await this.#send(chosen);
    this.#setBusy(false);
    if (answer.status !== 200) return this.#fail(`Not done: ${describeFailure(answer)}`);
    this.dialog.close();
    this.finish(answer.body);
  }

  #setBusy(busy) {
    this.busy = busy;
    this.apply.disabled = busy;
    if (busy) say(this.status, this.doing);
  }

  // The same choice sent again keeps its name, so that it is done once at most.
  async #send(chosen) {
    const choice = JSON.stringify(chosen);
    if (this.request?.choice !== choice) this.request = { choice, client: makeId(), seq: 1 };
    const { client, seq } = this.request;
    return insist(() => this.send({ client, seq }, chosen));
  }
}

/** Ask again where there was no answer: who asks names the step, so it is done once at most. */
export async function insist(ask) {
  let answer = await ask();
  for (let attempt = 1; attempt < TRIES && answer.status === 0; attempt += 1) {
    await new Promise((done) => setTimeout(done, PAUSE));
    answer = await ask();
  }
  return answer;
}

/** Make a row of the list: a box to tick, what is shown, and where it stands. */
export function makeRow(shown, ...notes) {
  const box = make("input", { type: "checkbox", checked: "", tabindex: "-1" });
  return make("label", { class: "hit" }, box, shown, make("small", {}, ...notes));
}
