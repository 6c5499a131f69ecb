// The person at work on one document: hears the pointer, the keys and the buttons, and
// shows what became of it.
import { COMMANDS, PAGING, REPEATABLE, WALKING } from "./commands.js";
import { unitUnder, watchGrip, watchText } from "./gestures.js";
import { readKey } from "./keys.js";
import { inOrder } from "./model.js";
import { Marker } from "./marker.js";
import { snap } from "./offsets.js";
import { Pager } from "./pager.js";
import { count } from "./parts.js";
import { Selection } from "./selection.js";
import { Session } from "./session.js";
import { Stage } from "./stage.js";

/** One mounted tagger. */
export class Desk {
  constructor(root, outbox) {
    this.root = root;
    this.outbox = outbox;
    this.session = null;
    this.sticky = null;
    this.stopping = new AbortController();
    this.stage = new Stage(root, (command) => this.act(command));
    this.pager = new Pager(() => this.#onLost());
    this.help = this.stage.view.help;
    this.#watch();
  }

  #watch() {
    const { stage, root } = this;
    const { signal } = this.stopping;
    const { view, paper } = stage;
    watchText(paper, view.pane, root, signal, {
      preview: (units) => stage.preview(units && this.#snapped(units)),
      range: (units, gesture) => this.#onRange(units, gesture),
      click: (gesture) => this.#onClick(gesture),
    });
    view.grips.forEach((grip, index) => {
      const edge = index ? "end" : "start";
      const move = (unit, event) => this.#dragEdge(edge, unit, event.altKey);
      watchGrip(grip, paper, root, { move, drop: () => this.#dropEdge() });
    });
    view.root.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    const first = { signal, capture: true };
    document.addEventListener("keydown", (event) => this.#onStrayKey(event), first);
    view.root.addEventListener("mousedown", (event) => this.#keepFocus(event), { signal });
    view.pane.addEventListener("copy", (event) => this.#onCopy(event), { signal });
    addEventListener("scroll", () => stage.placeCard(), first);
    addEventListener("resize", () => stage.place(), { signal });
  }

  /** Leave the page; what is not saved yet stays in the outbox. */
  close() {
    this.pager.settle();
    this.stopping.abort();
    this.stage.close();
  }

  /** Take what the page sends at each rerun. */
  receive({ data, setStateValue }) {
    this.data = data;
    this.pager.receive({ data, setStateValue });
    if (!data.labels.some(({ name }) => name === this.sticky)) this.sticky = null;
    if (this.session?.shows(data)) this.session.receive(data);
    else this.#open(data);
    this.stage.receive(data);
    this.render();
  }

  /** Hear from the outbox; return what it should tell. */
  listener() {
    const mine = (lane, act) => {
      if (lane === this.session?.lane) act();
    };
    return {
      changed: () => this.session && this.render(),
      adopted: () => this.session?.derive(),
      saved: (lane, state) => mine(lane, () => this.session.confirm(state)),
      refused: (lane, reason, state) => {
        mine(lane, () => this.session.confirm(state));
        this.notice = `Not saved: ${reason}`;
        this.stage.view.announce(this.notice);
      },
    };
  }

  #open(data) {
    const tell = (text) => this.stage.view.announce(text);
    this.session = new Session(data, this.outbox);
    this.selection = new Selection(this.session);
    this.marker = new Marker(this.session, this.selection, tell);
    this.notice = null;
    this.pager.settle();
    this.stage.open(this.session);
    this.outbox.adopt();
    // A field of the page that is being typed in keeps the keyboard.
    const typing = document.activeElement?.matches("input, textarea, [contenteditable=true]");
    if (!typing) this.stage.focus();
    if (data.focus) this.#goTo(data.focus);
  }

  // Opened from a report: the very span, or its place where there is none.
  #goTo({ start, end }) {
    const spans = inOrder(this.session.state.spans);
    const span = spans.find((span) => span.start === start && span.end === end);
    if (span) this.selection.pickSpan(span.id);
    else this.selection.pickRange({ start, end });
    requestAnimationFrame(() => this.stage.reveal({ start, end }));
  }

  // Buttons act without taking the keyboard away from the text.
  #keepFocus(event) {
    if (!this.stage.view.pane.contains(event.composedPath()[0])) event.preventDefault();
    this.stage.focus();
  }

  /** Carry out a command from a key or a button. */
  act(command) {
    // Between two documents nothing is edited: the text on the screen is on its way out.
    if (this.pager.opening !== null && !PAGING.includes(command)) return;
    this.#attempt(() => {
      if (command.label === undefined) COMMANDS[command](this);
      else this.#useLabel(this.data.labels[command.label].name);
    });
    if (WALKING.includes(command)) this.stage.reveal(this.selection.end);
  }

  #useLabel(name) {
    const used = this.marker.use(name, this.sticky);
    if (!used) this.sticky = this.sticky === name ? null : name;
  }

  #attempt(act) {
    const { offer } = this.marker;
    this.notice = null;
    const refused = this.marker.attempt(act);
    if (refused) this.notice = refused;
    const told = this.notice ?? this.marker.offer?.text;
    if (told) this.stage.view.announce(told);
    // An offer to replace stands until the next command.
    if (this.marker.offer === offer) this.marker.offer = null;
    this.render();
  }

  #onKey(event) {
    // Streamlit listens for single keys too: r reruns, c clears its cache.
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    const command = readKey(event, this.data.labels);
    const onButton = event.composedPath()[0].matches("button");
    if (!command || (onButton && ["Enter", "Tab"].includes(event.key))) return;
    if (event.key === "Tab" && !this.selection.beside(event.shiftKey ? -1 : 1)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat || REPEATABLE.includes(command)) this.act(command);
  }

  // A click beside the tagger leaves the keyboard with the page: the next key brings it back.
  #onStrayKey(event) {
    const { activeElement } = document;
    const { host } = this.root;
    if (activeElement === host || !activeElement?.contains(host) || event.key === "Tab") return;
    if (readKey(event, this.data.labels)) this.#onKey(event);
    if (event.defaultPrevented) this.stage.focus();
  }

  #onCopy(event) {
    const copied = this.selection.range ?? this.selection.span;
    if (!copied) return;
    event.clipboardData.setData("text/plain", this.marker.quote(copied));
    event.preventDefault();
  }

  #snapped({ from, to }, exact = false) {
    const { offsets } = this.session.rules;
    const range = { start: offsets.point(from), end: offsets.point(to, true) };
    return exact ? range : snap(this.session.tokens, offsets, range);
  }

  #onRange(units, { path, exact, clicks, touch }) {
    const beneath = idsIn(path);
    // A double-click on spans chooses among them, except where one more may go inside.
    const nesting = this.data.allow_overlaps && beneath.length === 1;
    if (clicks === 2 && beneath.length && !nesting) return this.#pickNext(beneath);
    const range = this.#snapped(units, exact);
    if (!range || this.pager.opening !== null) return this.render();
    this.selection.pickRange(range);
    const labelling = this.sticky && !touch;
    return this.#attempt(() => labelling && this.marker.add(range, this.sticky, this.sticky));
  }

  #onClick(gesture) {
    const beneath = idsIn(gesture.path);
    if (beneath.length) return this.#pickNext(beneath);
    const unit = unitUnder(this.stage.paper, this.root, gesture) ?? 0;
    const point = this.session.rules.offsets.point(unit);
    return this.#attempt(() => this.selection.point(point));
  }

  // Of spans lying in one another: the innermost first, then the one around it.
  #pickNext(ids) {
    const next = ids[(ids.indexOf(this.selection.id) + 1) % ids.length];
    this.#attempt(() => this.selection.pickSpan(next, true));
  }

  #dragEdge(edge, unit, exact) {
    const { span } = this.selection;
    const point = this.session.rules.offsets.point(unit);
    const range = { start: span.start, end: span.end, [edge]: point };
    if (range.start >= range.end) return;
    const { offsets } = this.session.rules;
    this.dragged = exact ? range : snap(this.session.tokens, offsets, range);
    this.stage.preview(this.dragged);
  }

  #dropEdge() {
    const { dragged } = this;
    this.dragged = null;
    this.stage.preview(null);
    this.#attempt(() => dragged && this.marker.move(dragged));
  }

  /** Select the next or the last span and show it. */
  walk(by) {
    const span = this.selection.beside(by);
    if (span) this.selection.pickSpan(span.id, true);
  }

  /** Close the help, else clear the selection, else put the chosen label down. */
  clear() {
    if (this.help.matches(":popover-open")) this.help.hidePopover();
    else if (this.selection.empty) this.sticky = null;
    else this.selection.drop();
  }

  /** Give the document its status and open the next one. */
  finish(status) {
    if (this.session.state.status !== status) this.session.edit({ kind: "status", status });
    this.page(1);
  }

  /** Skip the document, or take a skipped one up again. */
  skip() {
    const skipped = this.session.state.status === "skipped";
    if (skipped) this.session.edit({ kind: "status", status: "in progress" });
    else this.finish("skipped");
  }

  /** Open the next or the previous document of the queue. */
  page(by) {
    if (this.pager.turn(by)) return;
    this.notice = `This is the ${by > 0 ? "last" : "first"} document of this queue.`;
  }

  #onLost() {
    this.notice = "The document did not open. Try again, or reload the page.";
    this.render();
  }

  /** Show everything as it is now. */
  render() {
    const { session, selection, sticky, notice } = this;
    const { offer } = this.marker;
    const waiting = this.pager.opening !== null;
    const summary = this.outbox.summary();
    const choices = this.#choices();
    this.stage.show({ session, selection, sticky, notice, offer, waiting, summary, choices });
  }

  #choices() {
    return {
      keepTheirs: () => this.#attempt(() => this.session.keepTheirs()),
      keepMine: () => this.#attempt(() => this.#keepMine()),
      discard: (lane) => this.#attempt(() => this.#discard(lane)),
      open: (id) => this.#attempt(() => this.pager.open(id)),
    };
  }

  #discard(lane) {
    this.outbox.discard(lane);
    this.session.derive();
  }

  #keepMine() {
    const lost = this.session.keepMine();
    if (lost) this.notice = `${count(lost, "change")} no longer applied and went.`;
  }
}

// The ids of the spans that an event went through, innermost first.
function idsIn(path) {
  return path.filter((node) => node.classList?.contains("span")).map((node) => node.dataset.id);
}
