// The controller of a list of answers: walks through them, tells the server what people say of
// each, and shows what is saved. A decision that did not arrive is taken back, and said so.
import { button, count, make, say } from "../elements/elements.js";
import { capOf } from "../keys/keys.js";
import { Requester } from "../saving/requester.js";
import { describeFailure } from "../saving/requests.js";
import { COMMANDS } from "./commands.js";
import { Keyboard } from "./keyboard.js";
import { AnswerView, heading } from "./row.js";

const TOLD = [
  ["matchAccept", "accept"],
  ["matchReject", "reject"],
  ["matchNext", "next"],
  ["matchUndo", "undo"],
];

/** One mounted list. */
export class Answers {
  constructor(root) {
    this.root = root;
    this.stopping = new AbortController();
    this.client = `match-${crypto.randomUUID()}`;
    this.seq = this.lastAsked = 0;
    // What was said here since the page sent its rows, by row; and the steps that made it so.
    this.said = new Map();
    this.steps = [];
    this.turn = Promise.resolve();
    this.waiting = 0;
    this.counts = make("span", { class: "counts" });
    this.hint = make("span", { class: "hint" });
    this.undoing = button("Undo", { mark: "undo", class: "tool", onclick: () => this.undo() });
    this.list = make("ol", { class: "entries" });
    this.live = make("span", { class: "aside", "aria-live": "polite" });
    const told = make("div", { class: "told" }, this.counts, this.hint, this.undoing);
    this.element = make("div", { class: "walk matching" }, make("div", { class: "desk" }, told));
    this.element.append(this.list, this.live);
    root.append(this.element);
    this.requester = new Requester(() => this.#rerun());
    // What is on its way is not lost by closing the page unawares.
    const warn = (event) => this.waiting && event.preventDefault();
    window.addEventListener("beforeunload", warn, { signal: this.stopping.signal });
    this.keyboard = new Keyboard(this, this.stopping.signal);
  }

  /** Leave the page. */
  close() {
    this.stopping.abort();
    this.element.remove();
  }

  /** Take what the page sends at each rerun. */
  receive({ data, setStateValue }) {
    const another = this.data?.list !== data.list;
    this.data = data;
    this.setStateValue = setStateValue;
    this.requester.receive(data);
    this.keyboard.bind(data.keys);
    if (another) this.#open();
    this.#tellKeys();
    this.render();
  }

  get rows() {
    return this.data.groups.flatMap(({ answers }) => answers);
  }

  #open() {
    const { groups } = this.data;
    [this.said, this.steps] = [new Map(), []];
    this.views = new Map(this.rows.map((row) => [row.key, this.#view(row)]));
    const parts = groups.map((group) => [
      heading(group, groups.length > 1),
      ...group.answers.map(({ key }) => this.views.get(key).element),
    ]);
    this.list.replaceChildren(...parts.flat());
    this.row = this.rows.find((row) => !row.label) ?? this.rows[0] ?? null;
    this.note("");
  }

  #view(row) {
    const choose = () => this.goTo(row);
    const then = (label) => (event) => {
      // The row would choose itself again, after the next one is.
      event.stopPropagation();
      choose();
      this.judge(label);
    };
    const on = { choose, accept: then(this.data.accept), reject: then(this.data.reject) };
    return new AnswerView(row, this.data, on);
  }

  /** Carry out a command of a key; a label's key gives that label. */
  act(command) {
    if (typeof command === "string") COMMANDS.get(command).run(this);
    else this.judge(this.data.labels[command.label].name);
  }

  /** Go to the next answer (by = 1), or to the one before. */
  step(by) {
    const { rows } = this;
    const next = rows[rows.findIndex(({ key }) => key === this.row.key) + by];
    if (next) this.goTo(next);
    else this.note(`This is the ${by > 0 ? "last" : "first"} answer.`);
  }

  /** Make an answer the current one. */
  goTo(row) {
    this.row = row;
    this.note("");
    this.render();
    const view = this.views.get(row.key);
    requestAnimationFrame(() => {
      view.reveal();
      this.live.textContent = view.words;
    });
  }

  /** Say of the current answer that it has this label, and go on to the next one. */
  judge(label) {
    const { row, data } = this;
    if (data.barrier) return this.note(data.barrier, true);
    const before = this.labelOf(row);
    this.said.set(row.key, label);
    this.#goOn(row);
    return this.#inTurn(() => this.#send(row, label, before));
  }

  // One after the other, as they were made: the newest step is then the one that undo takes back.
  #inTurn(act) {
    this.waiting += 1;
    this.turn = this.turn.then(async () => {
      await act();
      this.waiting -= 1;
      this.render();
    });
    this.render();
    return this.turn;
  }

  async #send(row, label, before) {
    const question = { client: this.client, seq: ++this.seq, text: row.query, item: row.text, label };
    const answer = await this.requester.ask("judge", question);
    if (answer.status === 200) this.#saved(row, before, answer.body);
    else this.#failed(row, before, answer);
  }

  #goOn(row) {
    const rest = this.rows.slice(this.rows.indexOf(row) + 1);
    const same = rest.find((each) => each.query === row.query && !this.labelOf(each));
    const next = same ?? rest.find((each) => !this.labelOf(each));
    if (next) this.goTo(next);
    this.render();
  }

  #saved(row, before, { document, step }) {
    row.document = document;
    if (step) this.steps.push({ row, before, step });
    if (this.waiting < 2) this.note("Saved as a pair of this project: the next training learns from it.");
  }

  #failed(row, before, answer) {
    this.said.set(row.key, before);
    this.row = row;
    this.note(`Not saved: ${describeFailure(answer)}`, true);
  }

  /** Take back what was said last, once it is saved. */
  undo() {
    return this.#inTurn(() => this.#takeBack());
  }

  async #takeBack() {
    const last = this.steps.pop();
    if (!last) return this.note("Nothing to undo here.");
    const { row, before, step } = last;
    const question = { document: row.document, direction: "undo", expects: step };
    const answer = await this.requester.ask("undo", question);
    if (answer.status === 200) {
      this.said.set(row.key, before);
      this.goTo(row);
      return this.note("Undone.");
    }
    // Another step came in between, or it is gone: then it is not the newest any more.
    if (answer.status !== 409 && answer.status !== 404) this.steps.push(last);
    return this.note(`Not undone: ${describeFailure(answer)}`, true);
  }

  /** Return what is said of an answer: here, or before the page was made. */
  labelOf({ key, label }) {
    return this.said.get(key) ?? label;
  }

  /** Show everything as it is now. */
  render() {
    const { data, rows } = this;
    for (const row of rows) {
      const label = this.labelOf(row);
      const mark = !label ? "" : data.wrong.includes(label) ? "no" : "yes";
      const view = this.views.get(row.key);
      view.show({ label, mark, current: row.key === this.row?.key });
      view.allow(!data.barrier);
    }
    const judged = rows.filter((row) => this.labelOf(row)).length;
    say(this.counts, `${judged} of ${count(rows.length, "answer")} judged`);
    this.undoing.disabled = !(this.steps.length || this.waiting) || Boolean(data.barrier);
  }

  #tellKeys() {
    const { keys } = this.keyboard.keys;
    const told = TOLD.map(([command, what]) => [keys.get(command).map(capOf)[0], what]);
    this.walking = told.flatMap(([cap, what]) => (cap ? `${cap} ${what}` : [])).join(" · ");
    if (!this.hinted) this.note("");
  }

  /** Say what has become of a command; a warning stands out. */
  note(text, warning = false) {
    this.hinted = text;
    this.hint.classList.toggle("warning", warning);
    say(this.hint, text || this.walking || "");
    this.hint.title = text;
    if (text) this.live.textContent = text;
    return null;
  }

  #rerun() {
    this.lastAsked = Math.max(Date.now(), this.lastAsked + 1);
    this.setStateValue("fresh", this.lastAsked);
  }
}
