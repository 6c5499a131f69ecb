// One row on the screen: why it is here, what was decided, and its words in their sentence.
import { Offsets } from "../document/offsets.js";
import { button, icon, make, percent, say } from "../elements/elements.js";
import { paint } from "../labels/colors.js";
import { TextView } from "../text/textview.js";
import { describeRow, piecesOf } from "./pieces.js";
import { LabelLine, SecondText } from "./whole.js";
import { SimilarView } from "./similar.js";

const OUTCOMES = {
  accepted: ["done", "accepted"],
  kept: ["done", "kept"],
  "both wrong": ["remove", "both wrong"],
  mended: ["done", "mended since"],
  unclear: ["flag", "unclear: asked"],
};
const LOOKS = { mark: "span", was: "was", suggested: "suggestion", other: "suggestion other" };

/** Draws a row; `on` hears choose(), edit(), unfold() and compare(). */
export class RowView {
  constructor(row, on) {
    this.row = row;
    this.folded = true;
    this.outcome = make("span", { class: "outcome" });
    this.seen = make("span", { class: "seen", hidden: "" }, icon("seen"), "looked at");
    this.asked = make("span", { class: "seen", hidden: "" }, icon("flag"), "asked");
    this.text = make("div", { class: "text" });
    this.place = make("div", { class: "inset", hidden: "" });
    this.more = button("Show the whole text", { caption: "", class: "link", onclick: on.unfold });
    this.similar = new SimilarView();
    const like = { caption: "Similar texts", class: "link like", onclick: on.compare };
    this.like = button("Show the training texts most like it, or put them away", like);
    this.spoken = make("span", { class: "aside" });
    this.textView = new TextView(this.text);
    this.line = new LabelLine();
    this.second = new SecondText();
    const below = [this.second.element, this.more, this.place, this.like, this.similar.element, this.spoken];
    const parts = [this.#head(), this.line.element, this.text, ...below];
    const props = { class: "entry", "data-row": row.id, onclick: on.choose, ondblclick: on.edit };
    this.element = make("li", props, ...parts);
  }

  #head() {
    const { kind, shade, reason, score, name } = this.row;
    const badge = kind && make("span", { class: "kind", "data-shade": shade }, kind);
    const sure = typeof score === "number" && make("span", { class: "score" }, percent(score));
    const why = reason && make("span", { class: "reason", title: reason }, reason);
    const from = make("span", { class: "from", title: name }, name);
    return make("div", { class: "entry-head" }, badge, why, sure, this.outcome, this.asked, this.seen, from);
  }

  /** Show the row as its document is now; without a session, or of other people's work, as the
   *  page sent it. */
  show(row, { session, theirs, outcome, asked, shades, rules, seen, current }) {
    this.row = row;
    this.shades = shades;
    const sent = () => new Map(this.row.marks.map((one) => [one.id, one]));
    const spans = session && !theirs ? session.state.spans : sent();
    this.line.show(row, spans, rules, shades);
    this.#showText(session, spans, rules);
    this.#showOutcome(outcome, seen);
    this.like.hidden = !row.like;
    this.like.setAttribute("aria-expanded", String(this.similar.open));
    this.asked.hidden = !asked || outcome === "unclear";
    this.element.classList.toggle("current", current);
    if (current) this.element.setAttribute("aria-current", "true");
    else this.element.removeAttribute("aria-current");
  }

  #showText(session, spans, rules) {
    const whole = session && !this.folded;
    const window = whole ? wholeOf(session) : this.row.window;
    this.offsets = this.shown === window.text ? this.offsets : new Offsets(window.text);
    if (this.shown !== window.text) this.textView.open(this.offsets, []);
    this.shown = window.text;
    const range = { start: window.start, end: window.start + this.offsets.length };
    const second = this.second.show(this.row.second, whole && session.document.second_text, window.text);
    const pieces = [...piecesOf(this.row, spans, rules, range), ...second];
    const drawn = new Map(pieces.map((piece) => [piece.id, piece]));
    const look = (element, slice) => this.#dress(element, slice);
    this.textView.draw(drawn, look, JSON.stringify([pieces, [...this.shades]]));
    this.#showFold(window);
    say(this.spoken, describeRow(this.row, spans, rules, { offsets: shifted(this.offsets, window) }));
  }

  #showFold({ before, after }) {
    const cut = before || after || (this.folded && Boolean(this.row.second?.after));
    this.text.classList.toggle("before", before);
    this.text.classList.toggle("after", after);
    const { window, second } = this.row;
    this.more.hidden = !window.before && !window.after && !second?.after;
    say(this.more, cut ? "Show the whole text" : "Show less of the text");
    this.more.title = this.more.textContent;
    this.more.setAttribute("aria-label", this.more.textContent);
  }

  #dress(element, { span: piece, from, to }) {
    const { offsets } = this;
    const ends = [from === offsets.unit(piece.start), to === offsets.unit(piece.end)];
    if (piece.plain) {
      element.className = piece.kind;
      return;
    }
    const own = piece.focus ? " own" : "";
    const [first, last] = [ends[0] ? " first" : "", ends[1] ? " last" : ""];
    element.className = `${LOOKS[piece.kind]}${own}${first}${last}`;
    element.dataset.label = piece.name;
    paint(element, this.shades, piece.label);
  }

  #showOutcome(outcome, seen) {
    const [mark, words] = OUTCOMES[outcome] ?? [];
    this.seen.hidden = Boolean(words) || !seen;
    if (this.outcome.dataset.outcome === outcome) return;
    this.outcome.dataset.outcome = outcome;
    this.outcome.replaceChildren(...(words ? [icon(mark), words] : []));
  }

  /** Put the tagger in the place of the text, or take it out again. */
  lend(open) {
    this.place.hidden = !open;
    this.text.hidden = open;
    this.second.cover(open);
    return this.place;
  }

  /** Scroll as little as needed to show the row. */
  reveal() {
    this.element.scrollIntoView({ block: "nearest" });
  }
}

function wholeOf({ document }) {
  return { text: document.text, start: 0, before: false, after: false };
}

// Places in the document, read from the part that is on the screen.
function shifted(offsets, { start }) {
  const within = (point) => Math.min(Math.max(point - start, 0), offsets.length);
  return { slice: (from, to) => offsets.slice(within(from), within(to)) };
}
