// What every controller of the tagger has: one open document, what waits to be saved, the way to
// the next document, and what is said. How a document is drawn and labelled is each one's own.
import { Requester } from "./saving/requester.js";
import { Conflicts } from "./merging/conflicts.js";
import { ExamplePanel } from "./labels/example.js";
import { Freshness } from "./coaching/freshness.js";
import { GuidelinePanel } from "./labels/guideline.js";
import { isTyping } from "./keys/focus.js";
import { History } from "./editing/history.js";
import { Keyboard } from "./keys/keyboard.js";
import { describePlace } from "./frame/messages.js";
import { Notes } from "./editing/notes.js";
import { Pager } from "./queue/pager.js";
import { Palette } from "./labels/palette.js";
import { Refusal } from "./document/annotation.js";
import { Session } from "./editing/session.js";
import { Talk } from "./talking/talk.js";
import { listenFor } from "./listener.js";

/** One mounted tagger. In a row of a list it stands in `place`, shows one document only, and
 *  `leave()` is what Escape does there when nothing else is open. A subclass has `commands`
 *  (every command by name), makeRenderer(act, place), opened(data), render() and useLabel(name). */
export class Editor {
  constructor(root, outbox, { place = root, leave = null } = {}) {
    this.root = root;
    this.outbox = outbox;
    this.leave = leave;
    this.session = null;
    this.stopping = new AbortController();
    this.waiting = [];
    this.renderer = this.makeRenderer((command) => this.act(command), place);
    this.pager = new Pager(() => this.#onLost());
    this.requester = new Requester(() => this.pager.refresh());
    this.help = this.renderer.view.help;
    this.conflicts = new Conflicts(this);
    this.keyboard = new Keyboard(this, this.stopping.signal);
    this.palette = new Palette(this);
    this.notes = new Notes(this);
    this.guide = new GuidelinePanel(this);
    this.example = new ExamplePanel(this);
    this.talk = new Talk(this);
    this.history = new History(this);
    this.fresh = new Freshness(this);
    // Whether something was stored while a document was on its way here.
    this.passed = false;
    const { root: frame } = this.renderer.view;
    frame.append(this.conflicts.root, this.palette.element, this.notes.element, this.example.element);
    // What Escape closes, one at a time.
    this.panels = [this.talk, this.guide];
  }

  /** Leave the page; what is not saved yet stays in the outbox. */
  close() {
    this.fresh.close();
    this.talk.leave();
    this.pager.settle();
    this.dropOffers();
    this.stopping.abort();
    this.renderer.close();
  }

  /** Take what the page sends at each rerun. */
  receive({ data, setStateValue }) {
    this.take(this.current(data), setStateValue);
  }

  /** Return what the page sent, or as much of it as is still so. */
  current(data) {
    return data;
  }

  /** Show a document with all that is known of it. */
  take(data, setStateValue) {
    const chosen = this.data && this.data.queue.name !== data.queue.name;
    if (chosen && !data.queue.detailed) this.keyboard.pageFocus.closeOpened();
    const known = Boolean(this.session?.shows(data));
    this.data = data = this.fresh.sift(data, !known);
    this.keyboard.bind(data.keys);
    this.outbox.trust(data.token, data.routes.renew);
    this.pager.receive({ data, setStateValue });
    this.requester.receive(data);
    if (known) this.session.receive(data);
    else this.#open(data);
    if (known && this.pager.opening === data.document.id) this.#arrivedAgain();
    this.received(data);
    this.renderer.receive(data, this.keyboard.keys);
    if (known) this.talk.follow();
    this.render();
    this.keyboard.takeBack();
    if (!known && !data.focus && !this.fresh.held) this.offerFirst();
  }

  /** Take what only one way of labelling knows of what the page sent. */
  received() {}

  /** Take other suggestions of the open document. */
  suggested() {}

  /** Take of other suggestions what cannot be seen. */
  foresee() {}

  /** Return how many suggestions would look different with others. */
  changes() {
    return 0;
  }

  /** Exchange what is suggested for a document that was fetched ahead. */
  exchange() {}

  /** The documents that were fetched ahead. */
  get aheadIds() {
    return [];
  }

  /** Draw other suggestions of the open document, `first` where none were drawn before. */
  redraw(suggestions, first) {
    this.data = { ...this.data, suggestions };
    this.suggested(this.data);
    this.render();
    if (first) this.offerFirst();
  }

  /** Put something at hand as soon as a document opens. */
  offerFirst() {}

  /** Return the labels in the order in which the palette lists those that fit what is typed. */
  ranked() {
    return this.data.labels;
  }

  /** Let the person label anew what both sides had wrong. */
  askAnew() {}

  /** Offer nothing any more. */
  dropOffers() {}

  /** Something was done on the server, perhaps to other documents. */
  overtaken() {}

  /** Return what hears the outbox. */
  listener() {
    return listenFor(this);
  }

  // The open document was asked for, with what the page knows by now.
  #arrivedAgain() {
    this.pager.settle();
    this.arrive(true);
  }

  #open(data) {
    this.session = new Session(data, this.outbox);
    if (this.passed) this.session.overtake();
    this.passed = false;
    this.notice = this.news = null;
    this.pager.settle();
    // Of the first one the page itself is read.
    if (this.renderer.session) this.tell(describePlace(data, this.session.state));
    this.opened(data);
    this.notes.turn();
    this.talk.turn();
    this.outbox.adopt();
    // A link or a key of the page may have led here; a field that is being typed in keeps it.
    if (!isTyping(document.activeElement)) this.keyboard.take();
    this.arrive(true);
  }

  /** Wait for the document that was asked for; tell whether it came. */
  arrived() {
    return new Promise((done) => this.waiting.push(done));
  }

  /** Let those hear who wait for a document. */
  arrive(came) {
    for (const done of this.waiting.splice(0)) done(came);
  }

  /** Whether nothing may be edited: the text on the screen is on its way out, or the server
   *  takes a step that may change it. */
  get locked() {
    return this.pager.opening !== null || this.history.busy;
  }

  /** Carry out a command from a key or a button. */
  act(command) {
    const { pages, run } = this.commands.get(command) ?? {};
    if ((this.locked && !pages) || !this.fresh.touch(command)) return;
    this.attempt(() => {
      if (command.label === undefined) run(this);
      else this.useLabel(this.data.labels[command.label].name);
    });
  }

  /** Take labels that were made here; the page is asked for what else they changed. */
  takeLabels(labels) {
    this.data = { ...this.data, labels };
    this.session.receive(this.data);
    this.renderer.receive(this.data, this.keyboard.keys);
    this.pager.refresh();
    this.render();
  }

  /** Do something to the document; what is refused or noted is told. */
  attempt(act) {
    this.notice = this.news = null;
    this.notice = attempted(act) ?? this.notice;
    if (this.notice) this.tell(this.notice);
    this.render();
  }

  /** Return the words of a mark. */
  quote({ start, end }) {
    return this.session.rules.offsets.slice(start, end);
  }

  /** Where a panel belongs that is about what is selected; null: over the text. */
  get anchor() {
    return null;
  }

  /** What is copied, where it is not what the browser has selected. */
  get copied() {
    return null;
  }

  /** Tell whether there is nothing to go to in a direction: the Tab key then leaves the text. */
  ends() {
    return true;
  }

  /** Say what has become of a command, under the text and to a screen reader. */
  note = (text, warning = false) => {
    this.notice = warning ? text : null;
    this.news = warning ? null : text;
    this.tell(text);
    this.render();
  };

  /** Say something to a screen reader. */
  tell = (text) => this.renderer.view.announce(text);

  /** Close the help or a panel, else leave where one can; tell whether there was anything. */
  clear() {
    if (this.help.matches(":popover-open")) this.help.hidePopover();
    else if (this.panels.some((panel) => panel.close())) return true;
    else if (this.leave) this.leave();
    else return false;
    return true;
  }

  /** Give the document its status and open the next one; in a row only leave. */
  finish(status) {
    if (this.leave) return this.leave();
    // Who finds right what was made under an older guideline says so by an edit that changes nothing.
    const said = this.session.state.status !== status || (this.#behind() && status === "done");
    if (said) this.session.edit({ kind: "status", status });
    return this.page(1);
  }

  /** Tell whether what is here was made under an older guideline, and nobody has edited it since. */
  #behind() {
    return this.data.behind && this.session.state.revision === this.data.state.revision;
  }

  /** Skip the document, or take a skipped one up again. */
  skip() {
    const skipped = this.session.state.status === "skipped";
    if (skipped) this.session.edit({ kind: "status", status: "in progress" });
    else this.finish("skipped");
  }

  /** Open the next or the previous document of the queue. */
  page(by) {
    if (this.leave || this.pager.turn(by)) return;
    this.notice = `This is the ${by > 0 ? "last" : "first"} document of this queue.`;
  }

  #onLost() {
    this.notice = "The document did not open. Try again, or reload the page.";
    this.render();
    this.arrive(false);
  }

  /** Return how things stand, for what is drawn around the text. */
  standing() {
    const { notice, news, leave } = this;
    const { choices } = this.conflicts;
    const waiting = this.pager.opening !== null;
    const summary = this.outbox.summary();
    const { offer: later, coach } = this.fresh;
    const said = { later, coach, notice, news, waiting, summary, choices };
    return { ...said, behind: this.#behind(), leaves: Boolean(leave) };
  }
}

/** Do something; return why it was refused, or null. */
export function attempted(act) {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}
