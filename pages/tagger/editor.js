// The controller: carries out what the pointer, the keys and the buttons ask for, and shows
// what became of it.
import { Requester } from "./saving/requester.js";
import { COMMANDS } from "./keys/commands.js";
import { Comparison } from "./merging/comparison.js";
import { Suggestions } from "./suggestions/suggestions.js";
import { GuidelinePanel } from "./labels/guideline.js";
import { Pointer } from "./text/pointer.js";
import { isTyping } from "./keys/focus.js";
import { History } from "./editing/history.js";
import { Keyboard } from "./keys/keyboard.js";
import { describePlace, describeWords } from "./frame/messages.js";
import { Marker } from "./editing/marker.js";
import { Mentions } from "./suggestions/mentions.js";
import { Notes, showNotes } from "./editing/notes.js";
import { Pager } from "./queue/pager.js";
import { Palette } from "./labels/palette.js";
import { count } from "./elements/elements.js";
import { Preview } from "./suggestions/preview.js";
import { Repeats } from "./suggestions/repeats.js";
import { Review } from "./suggestions/review.js";
import { Selection } from "./text/selection.js";
import { Session } from "./editing/session.js";
import { Renderer } from "./frame/renderer.js";

/** One mounted tagger. In a row of a list it stands in `place`, shows one document only, and
 *  `leave()` is what Escape does there when nothing else is open. */
export class Editor {
  constructor(root, outbox, { place = root, leave = null } = {}) {
    this.root = root;
    this.outbox = outbox;
    this.leave = leave;
    this.session = null;
    this.sticky = null;
    this.stopping = new AbortController();
    this.waiting = [];
    this.renderer = new Renderer(root, (command) => this.act(command), place);
    this.pager = new Pager(() => this.#onLost());
    this.requester = new Requester(() => this.pager.refresh());
    this.help = this.renderer.view.help;
    this.comparison = new Comparison({
      chosen: (comparison, choices, caption) => this.#merge(comparison, choices, caption),
      putOff: () => this.render(),
    });
    this.renderer.view.root.append(this.comparison.root);
    this.pointer = new Pointer(this, this.stopping.signal);
    this.keyboard = new Keyboard(this, this.stopping.signal);
    this.palette = new Palette(this);
    this.notes = new Notes(this);
    this.guide = new GuidelinePanel(this);
    this.history = new History(this);
    this.review = new Review(this);
    this.mentions = new Mentions(this);
    this.repeats = new Repeats(this);
    this.preview = new Preview(this);
    this.renderer.view.suggestionBar.choose = (threshold) => {
      this.suggestions.setThreshold(threshold);
      this.renderer.focus();
      this.render();
    };
    this.renderer.view.root.append(this.palette.element, this.notes.element);
    // What Escape closes, one at a time.
    this.panels = [this.guide];
  }

  /** Leave the page; what is not saved yet stays in the outbox. */
  close() {
    this.pager.settle();
    this.repeats.drop();
    this.stopping.abort();
    this.renderer.close();
  }

  /** Take what the page sends at each rerun. */
  receive({ data, setStateValue }) {
    const chosen = this.data && this.data.queue.name !== data.queue.name;
    if (chosen && !data.queue.detailed) this.keyboard.pageFocus.closeOpened();
    this.data = data;
    this.keyboard.bind(data.keys);
    this.outbox.trust(data.token, data.routes.renew);
    this.pager.receive({ data, setStateValue });
    this.requester.receive(data);
    if (!data.labels.some(({ name }) => name === this.sticky)) this.sticky = null;
    const known = Boolean(this.session?.shows(data));
    if (known) this.session.receive(data);
    else this.#open(data);
    this.suggestions.receive(data);
    this.renderer.receive(data, this.keyboard.keys);
    this.render();
    this.keyboard.takeBack();
    if (!known && !data.focus) this.#offerFirst();
  }

  // The first suggestion is at hand, so that a digit mends it at once. With a label taken up
  // digits choose the label of the next drag instead, and nothing out of sight is offered.
  #offerFirst() {
    const first = this.suggestions.shown.find(({ crossing }) => !crossing);
    if (!first || this.sticky || !this.renderer.sees(first)) return;
    this.selection.offer(first.id);
    this.render();
  }

  /** Hear from the outbox; return what it should tell. */
  listener() {
    const mine = (lane, act) => {
      if (lane === this.session?.lane) act();
    };
    return {
      changed: () => this.session && this.render(),
      expired: () => this.pager.refresh(),
      adopted: () => this.session?.derive(),
      taken: (lane, entries) => mine(lane, () => this.session.advance(entries)),
      saved: (lane, answer) => {
        if (lane === this.session?.lane) this.session.hear(answer);
        else if (lane.scope === this.session?.lane.scope) this.session.overtake();
      },
      refused: (lane, reason, state) => {
        mine(lane, () => this.session.confirm(state));
        this.notice = `Not saved: ${reason}`;
        this.renderer.view.announce(this.notice);
      },
    };
  }

  #open(data) {
    this.session = new Session(data, this.outbox);
    this.suggestions = new Suggestions(this.session);
    this.selection = new Selection(this.session, this.suggestions);
    const labelled = (span) => this.repeats.labelled(span);
    this.marker = new Marker(this.session, this.selection, this.tell, labelled);
    this.notice = this.news = null;
    this.repeats.drop();
    this.pager.settle();
    // Of the first one the page itself is read.
    if (this.renderer.session) this.tell(describePlace(data, this.session.state));
    this.renderer.open(this.session);
    this.notes.turn();
    this.outbox.adopt();
    // A link or a key of the page may have led here; a field that is being typed in keeps it.
    if (!isTyping(document.activeElement)) this.keyboard.take();
    this.suggestions.receive(data);
    if (data.focus) this.selection.goTo(data.focus);
    if (data.focus) requestAnimationFrame(() => this.renderer.reveal(data.focus));
    this.#arrive(true);
  }

  /** Wait for the document that was asked for; tell whether it came. */
  arrived() {
    return new Promise((done) => this.waiting.push(done));
  }

  #arrive(came) {
    for (const done of this.waiting.splice(0)) done(came);
  }

  /** Whether nothing may be edited: the text on the screen is on its way out, or the server
   *  takes a step that may change it. */
  get locked() {
    return this.pager.opening !== null || this.history.busy;
  }

  /** Carry out a command from a key or a button. */
  act(command) {
    const { pages, walks, run } = COMMANDS.get(command) ?? {};
    if (this.locked && !pages) return;
    this.attempt(() => {
      if (command.label === undefined) run(this);
      else this.useLabel(this.data.labels[command.label].name);
    });
    if (walks) this.renderer.reveal(this.selection.end);
  }

  /** Label or relabel what is selected; with nothing selected, take the label up or put it down. */
  useLabel(name) {
    const used = this.marker.use(name, this.sticky);
    if (!used) this.sticky = this.sticky === name ? null : name;
  }

  /** Take labels that were made here; the page is asked for what else they changed. */
  takeLabels(labels) {
    this.data = { ...this.data, labels };
    this.session.receive(this.data);
    this.renderer.receive(this.data, this.keyboard.keys);
    this.pager.refresh();
    this.render();
  }

  /** Do something to the document; what is refused, offered or noted is told. */
  attempt(act) {
    const { offer } = this.marker;
    this.notice = this.news = null;
    const refused = this.marker.attempt(act);
    if (refused) this.notice = refused;
    const told = this.notice ?? this.marker.offer?.text;
    if (told) this.renderer.view.announce(told);
    // An offer to replace stands until the next command.
    if (this.marker.offer === offer) this.marker.offer = null;
    if (!told) this.#tellWords();
    this.render();
  }

  // A screen reader is pointed at a selected span; words that are selected are said.
  #tellWords() {
    const { range } = this.selection;
    if (range && range !== this.toldWords) this.tell(describeWords(this.marker.quote(range)));
    this.toldWords = range;
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

  /** Select the next or the last span and show it. */
  walk(by) {
    const span = this.selection.beside(by);
    if (span) this.selection.pickSpan(span.id, true);
  }

  /** Close the help or a panel, else leave where one can, else clear the selection, else put
   *  the chosen label down. */
  clear() {
    if (this.help.matches(":popover-open")) this.help.hidePopover();
    else if (this.panels.some((panel) => panel.close())) return;
    else if (this.leave) this.leave();
    else if (this.selection.empty) this.sticky = null;
    else this.selection.drop();
  }

  /** Give the document its status and open the next one; in a row only leave. */
  finish(status) {
    if (this.leave) return this.leave();
    if (this.session.state.status !== status) this.session.edit({ kind: "status", status });
    return this.page(1);
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
    this.#arrive(false);
  }

  /** Show everything as it is now. */
  render() {
    const { session, selection, suggestions, repeats, sticky, notice, news } = this;
    const { offer } = this.marker;
    const waiting = this.pager.opening !== null;
    const summary = this.outbox.summary();
    const choices = this.#choices();
    const leaves = Boolean(this.leave);
    const said = { notice, news, offer, waiting, summary, choices, leaves };
    this.renderer.show({ session, selection, suggestions, repeats, sticky, ...said });
    // Neither in the middle of a drag nor over a text that is on its way out.
    if (!waiting && !this.renderer.previewed) this.comparison.follow(session, this.renderer.shades);
    showNotes(this.renderer.view, session.state, this.notes.draft);
    this.guide.show();
  }

  #choices() {
    return {
      // While the merge view is open nothing is said beside it: the text must not move.
      compare: this.comparison.waits(this.session.lane) ? () => this.#compare() : null,
      discard: (lane) => this.attempt(() => this.#discard(lane)),
      open: (id) => this.attempt(() => this.pager.open(id)),
    };
  }

  #discard(lane) {
    this.outbox.discard(lane);
    this.session.derive();
  }

  #compare() {
    this.comparison.resume();
    this.render();
  }

  #merge(comparison, choices, caption) {
    const { lost } = comparison;
    this.attempt(() => {
      this.session.merge(comparison, choices);
      if (lost) this.notice = `${count(lost, "change")} no longer applied and went.`;
    });
    if (caption && !lost) this.renderer.view.announce(`${caption}: done`);
    this.renderer.focus();
  }
}
