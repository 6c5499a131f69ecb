// The controller of Adjudicate: one document, what everybody says of it, and the decision. A
// person's digit takes their side of the current place; Enter is the decision on the document.
import { asStep } from "../choosing/answers.js";
import { capOf } from "../keys/keys.js";
import { count } from "../elements/elements.js";
import { delivered } from "../saving/requests.js";
import { Walk } from "../walking/walk.js";
import { Asides } from "./asides.js";
import { COMMANDS } from "./commands.js";
import { PlaceDeciding } from "./deciding.js";
import { PlaceFrame } from "./frame.js";
import { PlacePath } from "./path.js";
import { OwnRetracing } from "./retracing.js";
import { PlaceView } from "./row.js";
import { PlaceTalk } from "./talk.js";
import { keyOf } from "../rows/decisions.js";
import { agreedOn, followed, hasMajority, isSettled, marksIn } from "./settling.js";
import { overruling, settling, standingIn } from "./settling.js";

const LONGEST_WAIT = 8000;
const SHORT_WAIT = 1500;
const NOT_COME = "It did not open. Try again, or reload the page.";
const LAST = { next: "No other document waits.", previous: "This is the first document." };

/** One mounted document with its versions. */
export class Adjudication extends Walk {
  constructor(root, outbox) {
    super(root, outbox);
    this.deciding = new PlaceDeciding(this);
    this.retracing = new OwnRetracing(this);
    this.asides = new Asides(this);
    this.talk = new PlaceTalk(this);
    this.frame.addAsides(this.talk.element, this.asides.element);
    this.agreed = new Set();
    this.whole = false;
  }

  get commands() {
    return COMMANDS;
  }

  /** The digits are people's. */
  get keyed() {
    return this.data.people.map((_, index) => ({ key: String(index + 1) }));
  }

  get document() {
    return this.data.opened[0].document.id;
  }

  makePath() {
    return new PlacePath(this);
  }

  makeFrame(act, turn) {
    return new PlaceFrame(act, turn, (index) => this.act({ label: index }));
  }

  makeView(row, on) {
    const talk = () => (on.choose(), this.act("judgeTalk"));
    return new PlaceView(row, (open) => this.frame.columns.decision.lend(open), { ...on, talk });
  }

  receive(component) {
    const { data } = component;
    const another = this.data?.list !== data.list;
    this.#stay();
    this.agreed = agreedOn(data.people);
    if (another) {
      this.whole = false;
      this.asides.close();
    }
    const names = data.people.map(({ name }) => name).join("\n");
    if (another || names !== this.names) this.frame.columns.open(data.people);
    this.names = names;
    super.receive(component);
    if (another) this.talk.turn(this.document);
    if (!this.fitted) this.frame.fit(this.root.host);
    this.fitted = true;
  }

  /** Carry out a command from a key or a button; a digit takes a person's side. */
  act(command) {
    if (this.leaving) return;
    const needsRow = command.label !== undefined || !["judgeDone", "judgeOn", "judgePrevious"].includes(command);
    if (needsRow && !this.path.row) return;
    if (command.label === undefined) this.commands.get(command).run(this);
    else this.take(command.label);
  }

  /** Take what a person has in the current place. */
  take(index) {
    const side = this.path.row.sides[index];
    return this.deciding.take(side, `as ${this.data.people[index].name} has it`);
  }

  idle() {
    return false;
  }

  /** Show the whole text, or the words around the place. */
  unfold() {
    this.whole = !this.whole;
    this.render();
    this.frame.columns.reveal();
  }

  /** Return what was decided about a place, "" for nothing. */
  outcome(row) {
    const session = this.desk.get(row.document);
    if (!session || !isSettled(row, session.state)) return "";
    const who = followed(row, session.state, this.agreed);
    if (who.length) return `as ${who.map((index) => this.data.people[index].name).join(", ")}`;
    const standing = standingIn(row, session.state, this.agreed);
    if (!standing.length) return "nothing";
    const all = marksIn(row);
    const known = new Set(all.map(keyOf));
    const together = standing.length === all.length && standing.every((span) => known.has(keyOf(span)));
    return together ? "all of it" : "decided anew";
  }

  /** Settle what a majority has settled, mark the document decided, and open the next. */
  async finish() {
    const { data, agreed } = this;
    const session = this.desk.get(this.document);
    if (data.barrier) return this.note(data.barrier, true);
    const open = data.rows.filter((row) => !isSettled(row, session.state));
    const unclear = open.filter((row) => !hasMajority(row));
    if (unclear.length) {
      this.path.goTo(unclear[0]);
      return this.note(`${count(unclear.length, "place")} to decide first: no majority`, true);
    }
    const { state, rules } = session;
    const steps = open.flatMap((row) => settling(row, state, rules, agreed));
    steps.push(...overruling(data.people, state, rules, agreed));
    if (steps.length || state.status !== "done") session.edit(asStep(steps, "done"));
    this.render();
    this.retracing.leave(this.document);
    return this.#leave({ document: data.way.next });
  }

  /** What is said once every place of a document is decided. */
  finished() {
    const cap = this.keyboard.keys.keys.get("judgeDone").map(capOf)[0];
    return `Every place is decided: ${cap ?? "the button"} goes on to the next document`;
  }

  /** Go to another document. */
  go(where) {
    const document = this.data.way[where];
    return document === null ? this.note(LAST[where]) : this.goTo(document);
  }

  /** Open a document, once what was decided here is on its way. */
  goTo(document) {
    return this.#leave({ document });
  }

  /** Open the document on the Tag page. */
  openPage() {
    return this.#leave({ document: this.document, tag: true });
  }

  open(document) {
    return this.goTo(document);
  }

  /** Only this document is edited here: nothing of a report is to be told. */
  tellPage() {}

  // What is pressed meanwhile is not for this document.
  async #leave(wish) {
    this.leaving = setTimeout(() => {
      this.#stay();
      this.note(NOT_COME, true);
    }, LONGEST_WAIT);
    const patience = new Promise((done) => setTimeout(done, SHORT_WAIT));
    const trouble = await Promise.race([delivered(this.outbox, this.data.token), patience]);
    if (trouble) {
      // It waits in this browser; who goes on would not see that two decided differently.
      this.#stay();
      return this.note(`Not decided yet: ${trouble}`, true);
    }
    if (!this.stopping.signal.aborted) this.ask("open", wish);
    return null;
  }

  #stay() {
    clearTimeout(this.leaving);
    this.leaving = null;
  }

  close() {
    this.#stay();
    super.close();
  }

  /** Show a place as it is now. */
  show(row) {
    const session = this.desk.get(row.document);
    const { shades, data } = this;
    const outcome = this.outcome(row);
    const current = row === this.path.row;
    const talks = this.talk.on(row).length;
    this.views.get(row.id).show(row, { people: data.people, session, outcome, shades, current, talks });
  }

  /** Show everything as it is now. */
  render() {
    super.render();
    const { data, frame, agreed, shades, whole } = this;
    const { row = null } = this.path;
    const session = this.desk.get(this.document);
    const open = data.rows.filter((each) => !isSettled(each, session.state));
    const taken = row && isSettled(row, session.state) ? followed(row, session.state, agreed) : [];
    const marksWhole = data.marks_whole;
    const about = { row, people: data.people, session, agreed, shades, followed: taken, whole };
    frame.columns.show({ ...about, second: data.second, marksWhole });
    frame.showTalk(this.talk.count);
    this.talk.show();
    frame.showWay(data, session, open, open.filter((each) => !hasMajority(each)).length);
    if (row !== this.shownRow) requestAnimationFrame(() => frame.columns.reveal());
    this.shownRow = row;
  }
}
