// The controller of a list: holds one of everything below, hears the page and the outbox, and
// shows what became of the rows.
import { rulesFor } from "../editing/session.js";
import { capOf } from "../keys/keys.js";
import { describeSaving, describeTrouble } from "../frame/messages.js";
import { readTheme, shadeLabels } from "../labels/colors.js";
import { scopeOf } from "../saving/localstorage.js";
import { Requester } from "../saving/requester.js";
import { describeFailure } from "../saving/requests.js";
import { COMMANDS, DECIDING } from "./commands.js";
import { Deciding } from "./deciding.js";
import { isAsked, keyOf, marksOf, outcomeOf } from "../rows/decisions.js";
import { Desk } from "./desk.js";
import { Frame } from "./frame.js";
import { Keyboard } from "./keyboard.js";
import { Path } from "./path.js";
import { Retracing } from "./retracing.js";
import { RowView } from "../rows/row.js";

// So long after the last edit the rest of a report is told of what was mended.
const PAUSE = 1500;
const MENDED = ["accepted", "both wrong", "mended"];

/** One mounted list. */
export class Walk {
  constructor(root, outbox) {
    this.root = root;
    this.outbox = outbox;
    this.stopping = new AbortController();
    this.desk = new Desk(outbox);
    this.path = this.makePath();
    this.frame = this.makeFrame(
      (command) => this.act(command),
      (page) => this.path.turn(page),
    );
    root.append(this.frame.root);
    this.keyboard = new Keyboard(this, this.stopping.signal);
    this.deciding = new Deciding(this);
    this.retracing = new Retracing(this);
    this.requester = new Requester(() => this.refresh());
    this.views = new Map();
    this.lastAsked = 0;
  }

  /** The commands that the keys of a list mean, by name. */
  get commands() {
    return COMMANDS;
  }

  /** The labels whose keys give them. */
  get keyed() {
    return [];
  }

  /** Make the way through the rows. */
  makePath() {
    return new Path(this);
  }

  /** Make what stands around the rows. */
  makeFrame(act, turn) {
    return new Frame(act, turn);
  }

  /** Make what is drawn of a row; `on` hears its buttons. */
  makeView(row, on) {
    return new RowView(row, on);
  }

  /** Leave the page; what is not saved yet stays in the outbox. */
  close() {
    clearTimeout(this.timer);
    this.deciding.putAway();
    this.stopping.abort();
    this.frame.root.remove();
  }

  /** Take what the page sends at each rerun. */
  receive({ data, setStateValue }) {
    const another = this.data?.list !== data.list;
    this.data = data;
    this.setStateValue = setStateValue;
    this.keyboard.bind(data.keys);
    this.outbox.trust(data.token, data.routes.renew);
    this.requester.receive(data);
    this.desk.receive(data);
    this.shades = shadeLabels(data.labels, readTheme(this.root.host));
    if (another || !this.#sameRows()) this.#open(another);
    else this.path.renew();
    this.deciding.inset.receive();
    this.outbox.adopt();
    this.frame.showElsewhere(data.elsewhere);
    this.frame.showKeys(this.keyboard.keys);
    this.frame.showPages(data.page, data.pages);
    this.frame.allow(!data.barrier);
    this.render();
  }

  #sameRows() {
    return [...this.views.keys()].join("\n") === this.data.rows.map(({ id }) => id).join("\n");
  }

  #open(another) {
    const { rows } = this.data;
    this.deciding.putAway();
    this.views = new Map(rows.map((row) => [row.id, this.#view(row)]));
    this.before = new Map(rows.map((row) => [row.id, this.#keysOf(row)]));
    this.frame.fill([...this.views.values()]);
    this.note("");
    this.path.open(another);
  }

  #view({ id }) {
    const choose = () => {
      const { path, deciding } = this;
      const row = this.rowOf(id);
      if (path.row === row) return;
      deciding.putAway();
      path.goTo(row);
    };
    const then = (command) => () => (choose(), this.act(command));
    const on = { choose, edit: then("walkEdit"), unfold: then("walkMore") };
    on.compare = then("walkLike");
    return this.makeView(this.rowOf(id), on);
  }

  /** Return a row as the page sent it last. */
  rowOf(id) {
    return this.data.rows.find((row) => row.id === id);
  }

  /** Hear from the outbox; return what it should tell. */
  listener() {
    const inset = (name, ...news) => this.deciding.inset.listener()[name]?.(...news);
    const mine = (lane, act) => {
      const session = this.desk.of(lane);
      if (session) act(session);
    };
    return {
      changed: () => (inset("changed"), this.#derive()),
      expired: () => this.refresh(),
      adopted: () => (inset("adopted"), this.#derive()),
      taken: (lane, entries) => {
        inset("taken", lane, entries);
        mine(lane, (session) => session.advance(entries));
      },
      saved: (lane, answer) => {
        inset("saved", lane, answer);
        mine(lane, (session) => session.hear(answer));
        this.tellPage();
      },
      refused: (lane, reason, state) => {
        inset("refused", lane, reason, state);
        mine(lane, (session) => session.confirm(state));
        this.note(`Not saved: ${reason}`, true);
      },
    };
  }

  #derive() {
    if (!this.data) return;
    this.desk.follow(this.deciding.inset.editor?.session);
    for (const session of this.desk) session.derive();
    this.render();
  }

  /** Carry out a command from a key or a button. */
  act(command) {
    if (!this.path.row) return null;
    this.path.visit();
    if (this.data.elsewhere && DECIDING.has(command)) return this.#sayWhere();
    return this.commands.get(command).run(this);
  }

  // The rows are other people's work, which nobody edits on the way.
  #sayWhere() {
    const key = capOf(this.keyboard.keys.keys.get("walkOpen")[0] ?? "");
    const how = key ? `${key} opens it there` : "open it there";
    return this.note(`Decisions are made on ${this.data.elsewhere.title}: ${how}.`);
  }

  /** Tell whether a command has nothing to do here: its key is then the page's. */
  idle(command) {
    const { window } = this.path.row ?? {};
    return !window || (command === "walkMore" && !window.before && !window.after);
  }

  /** Show the whole text of the row, or less of it. */
  async unfold() {
    const { row } = this.path;
    const known = this.desk.get(row.document) ?? (await this.fetch(row.document));
    if (!known) return;
    this.views.get(row.id).folded ^= true;
    this.render();
  }

  /** Show the training texts that are most like the row's, or put them away. */
  async compare() {
    const { row } = this.path;
    const { similar } = this.views.get(row.id);
    if (!row.like) return this.note("No similar texts are known for this row.");
    if (!similar.toggle()) {
      const answer = await this.requester.ask("similar", { document: row.document, run: this.data.run });
      if (answer.status !== 200) {
        return this.note(`The similar texts did not come: ${describeFailure(answer)}`, true);
      }
      const go = (document) => this.ask("open", { document, alone: true });
      similar.fill(answer.body.texts, this.shades, go);
    }
    this.render();
    return null;
  }

  /** Open the row on the Tag page. */
  openPage() {
    const { given, suggested, document } = this.path.row;
    const { start, end } = given ?? suggested;
    this.ask("open", { document, start, end });
  }

  /** Go to a document's row, or to the Tag page where the page of the list has none. */
  open(document) {
    const row = this.data.rows.find((each) => each.document === document);
    this.deciding.putAway();
    if (row) this.path.goTo(row);
    else this.ask("open", { document });
  }

  /** Go where something was taken back in a document that this page of the list has not. */
  goBackTo() {}

  /** Let the page run again: something beside the rows has changed. */
  refresh() {
    this.ask("page", { page: this.data.page });
  }

  /** Let a report say how much was mended, once nobody is at it: its rows stay what they are. */
  tellPage() {
    clearTimeout(this.timer);
    if (this.data.counts.seen === null || this.data.counts.mended === null) return;
    const isIdle = () => !this.deciding.inset.open && !this.outbox.summary().waiting;
    this.timer = setTimeout(() => isIdle() && this.refresh(), PAUSE);
  }

  /** Ask the page for something: it tells new wishes from old ones by their numbers. */
  ask(name, wish) {
    this.lastAsked = Math.max(Date.now(), this.lastAsked + 1);
    this.setStateValue(name, { ...wish, n: this.lastAsked });
  }

  /** Return the session of a row's document; null where it does not come, or is not to be edited. */
  async session({ document }) {
    if (this.data.barrier) return this.note(this.data.barrier, true);
    return this.desk.get(document) ?? (await this.fetch(document));
  }

  /** Ask for a document as it is now; return its session, or null and say why. */
  async fetch(document) {
    const answer = await this.requester.ask("open", { document });
    if (answer.status === 200) return this.desk.put(answer.body);
    return this.note(`The document did not open: ${describeFailure(answer)}`, true);
  }

  /** Say what has become of a command; return null. */
  note(text, warning = false) {
    if (text) this.frame.announce(text);
    this.frame.showHint(text, warning);
    return null;
  }

  /** Return what was decided about a row, "" for nothing. */
  outcome(row) {
    if (this.data.elsewhere) return "";
    const session = this.desk.get(row.document);
    if (!session) return row.mended ? "mended" : "";
    return outcomeOf(row, session.state, session.rules, this.before.get(row.id) ?? []);
  }

  #keysOf(row) {
    const session = this.desk.get(row.document);
    const spans = session?.state.spans ?? new Map(row.marks.map((one) => [one.id, one]));
    const rules = session?.rules ?? rulesFor("", this.data);
    return marksOf(row, spans, rules).map(keyOf);
  }

  /** Show everything as it is now. */
  render() {
    const { data, frame } = this;
    for (const row of data.rows) this.show(row);
    frame.showCounts({ ...data.counts, mended: this.#mended() });
    // A long document has no lane before it is asked for.
    const none = { scope: scopeOf(data.token) };
    const lane = this.desk.get(this.path.row?.document)?.lane ?? none;
    const summary = this.outbox.summary();
    frame.showSaved(describeSaving(summary, lane));
    frame.showBar(describeTrouble(summary, lane, this.#choices()));
  }

  /** Show a row as it is now. */
  show(row) {
    const session = this.desk.get(row.document);
    const rules = session?.rules ?? rulesFor("", this.data);
    const { path, shades } = this;
    const theirs = Boolean(this.data.elsewhere);
    const asked = Boolean(!theirs && session && isAsked(row, session.state, rules));
    const state = { session, theirs, rules, shades, outcome: this.outcome(row), asked };
    const look = { seen: path.sees(row.document), current: row === path.row };
    this.views.get(row.id).show(row, { ...state, ...look });
  }

  // The page's count, and what was mended here since it was made.
  #mended() {
    const { counts, rows } = this.data;
    if (counts.mended === null) return null;
    const now = rows.filter((row) => MENDED.includes(this.outcome(row))).length;
    return counts.mended + now - rows.filter(({ mended }) => mended).length;
  }

  #choices() {
    return {
      compare: () => this.deciding.edit(),
      discard: (lane) => this.#discard(lane),
      open: (document) => this.open(document),
    };
  }

  async #discard(lane) {
    this.outbox.discard(lane);
    this.#derive();
    if (this.desk.of(lane) && (await this.fetch(lane.document))) this.render();
  }
}
