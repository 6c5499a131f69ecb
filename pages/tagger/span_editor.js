// The controller where parts of a text are labelled: carries out what the pointer, the keys and
// the buttons ask for, and shows what became of it.
import { Editor } from "./editor.js";
import { COMMANDS } from "./keys/commands.js";
import { describeWords } from "./frame/messages.js";
import { Suggestions } from "./suggestions/suggestions.js";
import { Pointer } from "./text/pointer.js";
import { Marker } from "./editing/marker.js";
import { Mentions } from "./suggestions/mentions.js";
import { showNotes } from "./editing/notes.js";
import { Preview } from "./suggestions/preview.js";
import { Repeats } from "./suggestions/repeats.js";
import { Review } from "./suggestions/review.js";
import { Selection } from "./text/selection.js";
import { SpanRenderer } from "./frame/span_renderer.js";

/** The tagger of spans. */
export class SpanEditor extends Editor {
  constructor(root, outbox, options) {
    super(root, outbox, options);
    this.sticky = null;
    this.pointer = new Pointer(this, this.stopping.signal);
    this.review = new Review(this);
    this.mentions = new Mentions(this);
    this.repeats = new Repeats(this);
    this.preview = new Preview(this);
    this.renderer.view.suggestionBar.choose = (threshold) => {
      this.suggestions.setThreshold(threshold);
      this.renderer.focus();
      this.render();
    };
  }

  get commands() {
    return COMMANDS.spans;
  }

  makeRenderer(act, place) {
    return new SpanRenderer(this.root, act, place);
  }

  dropOffers() {
    this.repeats.drop();
  }

  received(data) {
    if (!data.labels.some(({ name }) => name === this.sticky)) this.sticky = null;
    this.suggested(data);
  }

  suggested(data) {
    this.suggestions.receive(data);
  }

  foresee(suggestions) {
    this.suggestions.foresee(suggestions);
  }

  /** Return the label that words get which are dragged over, where none is taken up; or null. */
  likeliest = (range) => (this.data.labels_drags ? this.suggestions.likeliest(range) : null);

  changes(suggestions) {
    return this.suggestions.changes(suggestions);
  }

  // The first suggestion is at hand, so that a digit mends it at once. With a label taken up
  // digits choose the label of the next drag instead, and nothing out of sight is offered.
  offerFirst() {
    const first = this.suggestions.shown.find(({ crossing }) => !crossing);
    if (!first || this.sticky || !this.renderer.sees(first)) return;
    this.selection.offer(first.id);
    this.render();
  }

  opened(data) {
    this.suggestions = new Suggestions(this.session);
    this.selection = new Selection(this.session, this.suggestions);
    const labelled = (span) => this.repeats.labelled(span);
    this.marker = new Marker(this.session, this.selection, this.tell, labelled);
    this.repeats.drop();
    this.renderer.open(this.session);
    this.suggestions.receive(data);
    if (data.focus) this.selection.goTo(data.focus);
    if (data.focus) requestAnimationFrame(() => this.renderer.reveal(data.focus));
  }

  act(command) {
    super.act(command);
    if (this.commands.get(command)?.walks) this.renderer.reveal(this.selection.end);
  }

  /** Label or relabel what is selected; with nothing selected, take the label up or put it down. */
  useLabel(name) {
    const used = this.marker.use(name, this.sticky);
    if (!used) this.sticky = this.sticky === name ? null : name;
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
    if (range && range !== this.toldWords) this.tell(describeWords(this.quote(range)));
    this.toldWords = range;
  }

  /** Do what was offered. */
  agree() {
    this.marker.agree();
  }

  get anchor() {
    return this.selection.place ?? this.selection.range;
  }

  get copied() {
    const copied = this.selection.range ?? this.selection.span;
    return copied && this.quote(copied);
  }

  ends(by) {
    return !this.selection.beside(by);
  }

  /** What can be made an example: a span, or words. */
  get exemplary() {
    const { span, range } = this.selection;
    return span ?? (range && { ...range, label: this.sticky });
  }

  /** The labels that the guideline is to describe now. */
  get guided() {
    const wanted = this.selection.span?.label ?? this.sticky;
    return this.data.labels.filter(({ name }) => name === wanted);
  }

  /** Select the next or the last span and show it. */
  walk(by) {
    const span = this.selection.beside(by);
    if (span) this.selection.pickSpan(span.id, true);
  }

  /** Close the help or a panel, else leave where one can, else clear the selection, else put
   *  the chosen label down. */
  clear() {
    if (super.clear()) return true;
    if (this.selection.empty) this.sticky = null;
    else this.selection.drop();
    return true;
  }

  /** Show everything as it is now. */
  render() {
    const { session, selection, suggestions, repeats, sticky } = this;
    const { offer } = this.marker;
    const standing = this.standing();
    this.renderer.show({ session, selection, suggestions, repeats, sticky, offer, ...standing });
    // Neither in the middle of a drag nor over a text that is on its way out.
    const shown = !standing.waiting && !this.renderer.previewed;
    if (shown) this.conflicts.follow();
    showNotes(this.renderer.view, session.state, this.notes.draft);
    this.guide.show();
    this.talk.show();
  }
}
