// What stands around the candidates: the left text, which stays in sight, and the answers below.
import { fillChips } from "../choosing/view.js";
import { Offsets } from "../document/offsets.js";
import { count, make, say } from "../elements/elements.js";
import { drawSaved } from "../elements/status.js";
import { TextView } from "../text/textview.js";
import { Frame } from "../walking/frame.js";

const NUMBERS = new Intl.NumberFormat("en");
// So long a text is set larger.
const BRIEF = 280;
const WALKING = [
  ["candidateNext", "next row"],
  ["candidateAccept", "as the model says"],
  ["candidateOn", "next text"],
  ["candidateUndo", "undo"],
];

/** The frame of one left text. */
export class CandidateFrame extends Frame {
  get walked() {
    return WALKING;
  }

  makeDecisions() {
    const none = this.action("candidateNone", "None of these");
    return [none, this.action("candidateUnsure", "Unsure")];
  }

  build() {
    this.place = make("span", { class: "place" });
    this.left = make("span", { class: "left" });
    this.undo = this.tool("candidateUndo", "undo", "Undo");
    this.redo = this.tool("candidateRedo", "redo", "Redo");
    this.previous = this.tool("candidatePrevious", "previous", "Left text before");
    this.next = this.tool("candidateOn", "next", "Next left text");
    this.text = make("div", { class: "text" });
    this.textView = new TextView(this.text);
    this.labels = make("div", { class: "labels", role: "toolbar", "aria-label": "Labels" });
    const label = { class: "sheet left-text", role: "group", "aria-label": "Left text" };
    this.sheet = make("div", label, this.text);
    const parts = [buildTop(this), this.sheet, this.bar, this.list, this.pages];
    return make("div", { class: "walk candidates" }, ...parts, buildDesk(this), this.live);
  }

  /** Show the left text with what the current candidate has of it, and its answer. */
  showCurrent({ left, labels }, given, shades, compared) {
    if (this.shown !== left) this.textView.open(new Offsets(left), []);
    this.sheet.classList.toggle("brief", left.length <= BRIEF);
    this.shown = left;
    const drawn = new Map(compared.map((piece) => [piece.id, piece]));
    const look = (element, { span }) => (element.className = span.kind);
    this.textView.draw(drawn, look, JSON.stringify(compared));
    const shown = labels.map((label, index) => ({ ...label, index }));
    fillChips(this.labels, shown, new Set(given), shades, (label) => this.act({ label }));
  }

  /** Show which left text this is, how many candidates of this page are not answered, and whether
   *  any of the text is. */
  showWay({ way, total, rows, ranked, waiting }, left, isOpen) {
    // The page counted before some were answered here.
    say(this.place, `${NUMBERS.format(way.index + 1)} of ${NUMBERS.format(way.total)}`);
    const texts = way.left + Number(isOpen) - Number(waiting.length > 0);
    say(this.left, texts ? `${count(texts, "text")} to do` : "nothing to do");
    this.previous.disabled = way.previous === null;
    this.next.disabled = way.next === null;
    const order = ranked ? "best first" : "in order of import";
    const many = total > rows.length ? ` on this page, ${count(total, "candidate")}` : "";
    say(this.counts, `${NUMBERS.format(left)} of ${NUMBERS.format(rows.length)} to answer${many}, ${order}`);
  }

  showCounts() {}

  showSaved(saving) {
    drawSaved(this.saved, saving);
  }

  /** Take what the page leaves of the window's height; where another left text came, begin at the
   *  top. */
  fit(host, another) {
    if (another) this.root.scrollIntoView({ block: "start" });
    const { top } = host.getBoundingClientRect();
    this.root.style.setProperty("--above", `${Math.max(Math.round(top), 0)}px`);
  }
}

function buildTop(frame) {
  const way = make("div", { class: "group" }, frame.previous, frame.place, frame.next, frame.left);
  const alone = frame.action("candidateAlone", "One pair", "Show this pair alone");
  return make("div", { class: "top" }, way, make("div", { class: "group" }, frame.undo, frame.redo, alone));
}

function buildDesk(frame) {
  const others = make("div", { class: "group others beside" }, ...frame.decisions);
  const chips = make("div", { class: "chips" }, frame.labels, others);
  const told = make("div", { class: "told" }, frame.counts, frame.hint, frame.saved);
  return make("div", { class: "desk" }, chips, told);
}
