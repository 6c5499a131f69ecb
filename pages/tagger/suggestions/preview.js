// A look at all places of the same words in the project, before they are labelled in one step.
import { makeId } from "../saving/outbox.js";
import { button, count, make, say } from "../elements/elements.js";
import { delivered, describeFailure } from "../saving/requests.js";

const TRIES = 3;
const PAUSE = 1000;
const PAGE = 10;

/** The dialog over the editor. */
export class Preview {
  constructor(editor) {
    this.editor = editor;
    this.#build();
    editor.renderer.view.root.append(this.dialog);
  }

  #build() {
    this.title = make("strong");
    this.words = this.#option("Whole words");
    this.cases = this.#option("Match case");
    this.status = make("p", { class: "found", role: "status" });
    this.list = make("div", { class: "hits", role: "group", "aria-label": "Places" });
    this.all = this.#button("Select all", "action", () => this.#tick(true));
    this.none = this.#button("Select none", "action", () => this.#tick(false));
    this.apply = this.#button("Label", "action main", () => this.#apply(), "Enter");
    const cancel = this.#button("Cancel", "action", () => this.dialog.close(), "Esc");
    const row = (...parts) => make("div", { class: "row" }, ...parts);
    const group = (...parts) => make("div", { class: "group" }, ...parts);
    const parts = [
      this.title,
      row(group(this.words.field, this.cases.field), group(this.all, this.none)),
      this.status,
      this.list,
      row(cancel, this.apply),
    ];
    this.dialog = make("dialog", { class: "preview" }, ...parts);
    this.#listen();
  }

  #option(caption) {
    const box = make("input", { type: "checkbox", checked: "" });
    box.onchange = () => this.#search();
    return { box, field: make("label", { class: "option" }, box, caption) };
  }

  #button(caption, name, onclick, key = null) {
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

  /** Show where the words of a span stand in the project. */
  open({ quote, label }) {
    this.subject = { quote, label };
    this.request = null;
    this.hits = [];
    this.fresh = true;
    this.words.box.checked = this.cases.box.checked = true;
    say(this.title, `Label “${quote}” as ${label} in the whole project`);
    this.dialog.setAttribute("aria-label", this.title.textContent);
    this.dialog.showModal();
    this.#search();
  }

  #onClose() {
    // It is told later than it happens: the dialog may be open again by now.
    if (this.dialog.open) return;
    this.searching?.abort();
    this.list.replaceChildren();
    this.editor.renderer.focus();
  }

  async #search() {
    this.searching?.abort();
    const { signal } = (this.searching = new AbortController());
    this.#fill({ hits: [], more: 0 }, "Searching…");
    const { outbox, session, requester } = this.editor;
    const { token, document } = session.lane;
    // The server must know what is labelled already.
    const trouble = await delivered(outbox, token);
    if (trouble || signal.aborted) return trouble && this.#fail(`Not searched: ${trouble}`);
    const options = { whole_words: this.words.box.checked, match_case: this.cases.box.checked };
    const question = { document, ...this.subject, ...options, list: true };
    const answer = await requester.ask("find", question, signal);
    if (signal.aborted) return null;
    if (answer.status !== 200) return this.#fail(`Not searched: ${describeFailure(answer)}`);
    return this.#fill(answer.body, "");
  }

  #fail(text) {
    say(this.status, text);
  }

  #fill({ hits, more }, text) {
    this.hits = hits;
    this.more = more;
    this.list.replaceChildren(...hits.map(makeHit));
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
    const spread = `${chosen.length.toLocaleString("en")} in ${describeDocuments(chosen)}`;
    say(this.apply.firstChild, chosen.length ? `Label ${spread}` : "Label none");
    this.apply.setAttribute("aria-label", `Label ${spread} (Enter)`);
    this.apply.disabled = !chosen.length;
    this.all.disabled = chosen.length === hits.length;
    this.none.disabled = !chosen.length;
    const rest = more ? ` · ${count(more, "more place")}: label these, then look again` : "";
    const found = `${count(hits.length, "place")} in ${describeDocuments(hits)}${rest}`;
    const nothing = "No free place with these words";
    say(this.status, text || (hits.length ? found : nothing));
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
    const answer = await this.#send(chosen.map(({ document, start, end }) => [document, start, end]));
    this.#setBusy(false);
    if (answer.status !== 200) return this.#fail(`Not labelled: ${describeFailure(answer)}`);
    this.dialog.close();
    this.#finish(answer.body);
  }

  #setBusy(busy) {
    this.busy = busy;
    this.apply.disabled = busy;
    if (busy) say(this.status, "Labelling…");
  }

  // The same choice sent again keeps its name, so that it is done once at most.
  async #send(hits) {
    const { session, requester } = this.editor;
    const { document } = session.lane;
    const choice = JSON.stringify(hits);
    if (this.request?.choice !== choice) this.request = { choice, client: makeId(), seq: 1 };
    const { client, seq } = this.request;
    const order = { client, seq, document, label: this.subject.label, hits };
    let answer = await requester.ask("apply", order);
    for (let attempt = 1; attempt < TRIES && answer.status === 0; attempt += 1) {
      await new Promise((done) => setTimeout(done, PAUSE));
      answer = await requester.ask("apply", order);
    }
    return answer;
  }

  #finish({ spans, documents, skipped, state }) {
    const { editor } = this;
    editor.session.confirm(state);
    editor.repeats.drop();
    const left = skipped ? ` · ${skipped.toLocaleString("en")} left out, changed meanwhile` : "";
    const where = `${count(spans, "span")} in ${count(documents, "document")}`;
    editor.note(`${where} labelled ${this.subject.label}${left} · Undo takes it back`);
  }
}

function describeDocuments(hits) {
  return count(new Set(hits.map(({ document }) => document)).size, "document");
}

function makeHit({ name, before, quote, after }) {
  const box = make("input", { type: "checkbox", checked: "", tabindex: "-1" });
  const text = make("span", { class: "context", dir: "auto" }, before, make("b", {}, quote), after);
  return make("label", { class: "hit" }, box, text, make("small", {}, name));
}
