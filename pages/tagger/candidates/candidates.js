// The controller of one left text and its candidates: a label's key answers the row, as the
// tagger would, and leads on to the next; at the end to the next left text.
import { answering, asStep, doubting, emptying, madeBy, toggling } from "../choosing/answers.js";
import { clip } from "../document/offsets.js";
import { delivered } from "../saving/requests.js";
import { Walk } from "../walking/walk.js";
import { COMMANDS } from "./commands.js";
import { CandidateFrame } from "./frame.js";
import { CandidatePath } from "./path.js";
import { CandidateView } from "./row.js";

const OPEN = ["untouched", "in progress"];
const NO_LABELS = "There are no labels yet: make them on the Data page.";
const NO_MODEL = "No model has said anything of this pair.";
const NOT_COME = "It did not open. Try again, or reload the page.";
const LONGEST_WAIT = 8000;
const SHORT_WAIT = 1500;
const LAST = {
  next: "This is the last left text of the queue.",
  previous: "This is the first left text of the queue.",
};

/** One mounted list of candidates. */
export class Candidates extends Walk {
  get commands() {
    return COMMANDS;
  }

  get keyed() {
    return this.data.labels;
  }

  makePath() {
    return new CandidatePath(this);
  }

  makeFrame(act, turn) {
    return new CandidateFrame(act, turn);
  }

  makeView(row, on) {
    const { rows, first, left } = this.data;
    return new CandidateView(row, first + rows.indexOf(row) + 1, left, on);
  }

  receive(component) {
    const { news, data } = this;
    const another = data && data.list !== component.data.list;
    this.#stay();
    super.receive(component);
    this.wanted = this.news = null;
    if (news) this.note(news);
    if (another || !data) this.frame.fit(this.root.host, another);
  }

  /** Carry out a command from a key or a button; a label answers the row. */
  act(command) {
    if (!this.path.row || this.leaving) return;
    if (command.label === undefined) this.commands.get(command).run(this);
    else this.useLabel(this.data.labels[command.label].name);
  }

  /** Answer the row with a label; where there may be several, give it or take it back. */
  useLabel(name, made = {}) {
    const several = this.data.allow_overlaps;
    return this.#edit((state) => (several ? toggling : answering)(state, name, made), {
      words: name,
      status: several ? null : "done",
    });
  }

  /** Answer with what the model says. */
  accept() {
    const { suggested } = this.path.row;
    if (!suggested) return this.note(NO_MODEL, true);
    return this.useLabel(suggested.label, madeBy(suggested.score));
  }

  /** None of these: done, without a label. */
  answerNone() {
    return this.#edit(emptying, { words: "none of these", status: "done" });
  }

  /** Flag the pair, skip it, and go on: somebody should look again. */
  answerUnsure() {
    return this.#edit(doubting, { words: "unsure", status: "skipped" });
  }

  // One step, whatever it takes: undo brings the pair back as it was.
  async #edit(stepsOf, { words, status }) {
    const { row } = this.path;
    const session = await this.session(row);
    if (!session || this.path.row !== row) return;
    const author = this.outbox.nextAuthor();
    const told = `${words}: “${clip(session.document.second_text ?? "")}”`;
    const { state } = session;
    const steps = stepsOf(state);
    if (status === null) session.editAll(steps);
    else if (steps.length || state.status !== status) session.edit(asStep(steps, status));
    if (this.outbox.nextAuthor() !== author) {
      this.retracing.note(author, row.id, told);
      this.desk.endRedoing(session.lane);
    }
    const more = status === null || this.path.goOn();
    this.render();
    this.note(more ? told : this.#finished());
  }

  #finished() {
    const { left, next } = this.data.way;
    const done = "All candidates of this text are answered";
    return next !== null && left > 1 ? `${done}: Enter goes on to the next text` : done;
  }

  /** Go to the next left text, or to the one before. */
  go(where) {
    const document = this.data.way[where];
    if (document === null) return this.note(LAST[where]);
    return this.#leave({ document, first: true });
  }

  /** Show the pair alone. */
  showAlone() {
    this.#leave({ document: this.path.row.document, view: "pair" });
  }

  // What is pressed meanwhile is not for these rows.
  async #leave(wish) {
    this.leaving = setTimeout(() => {
      this.#stay();
      this.note(NOT_COME, true);
    }, LONGEST_WAIT);
    // The page is to count what was just answered; what cannot be sent holds nobody up.
    const patience = new Promise((done) => setTimeout(done, SHORT_WAIT));
    await Promise.race([delivered(this.outbox, this.data.token), patience]);
    if (!this.stopping.signal.aborted) this.ask("open", wish);
  }

  #stay() {
    clearTimeout(this.leaving);
    this.leaving = null;
  }

  close() {
    this.#stay();
    super.close();
  }

  open(document) {
    this.goBackTo(document, "");
  }

  goBackTo(document, words) {
    this.wanted = document;
    this.news = words;
    this.ask("open", { document });
  }

  /** Return what was answered, "" for nothing. */
  outcome(row) {
    const { status, spans } = this.#standing(row);
    if (OPEN.includes(status)) return "";
    if (status === "skipped") return "unsure";
    return [...spans.values()].map(({ label }) => label).join(", ") || "none of these";
  }

  #standing(row) {
    const session = this.desk.get(row.document);
    const status = this.data.statuses[row.document];
    return session?.state ?? { status, spans: new Map(row.marks.map((mark) => [mark.id, mark])) };
  }

  /** Show a row as it is now. */
  show(row) {
    const session = this.desk.get(row.document);
    const { spans } = this.#standing(row);
    const given = [...spans.values()].map(({ label }) => label);
    const current = row === this.path.row;
    const view = this.views.get(row.id);
    view.show(row, { session, given, outcome: this.outcome(row), shades: this.shades, current });
    if (current) this.frame.showCurrent(this.data, given, this.shades, view.compared);
  }

  /** Show everything as it is now. */
  render() {
    super.render();
    const { data, frame } = this;
    this.path.settle();
    const left = data.rows.filter((row) => !this.outcome(row)).length;
    frame.showWay(data, left, left > 0 || this.path.others.length > 0);
    if (!data.labels.length) frame.showHint(NO_LABELS, true);
  }
}
