// Draws the state of the tagger of whole documents.
import { Renderer } from "../frame/renderer.js";
import { Offsets } from "../document/offsets.js";
import { placeUnder } from "../text/overlay.js";
import { TextView } from "../text/textview.js";
import { differences } from "./difference.js";
import { describeChoice } from "./hints.js";
import { ChoiceView } from "./view.js";

/** Everything that is drawn; reads the editor, never changes it. */
export class ChoiceRenderer extends Renderer {
  constructor(root, act, place = root) {
    super(root, new ChoiceView(act), place);
    this.secondView = new TextView(this.view.second);
  }

  /** Draw another document: its text, or its two texts with what differs marked. */
  open(session) {
    super.open(session);
    const { text, second_text: second } = session.document;
    this.view.showSides(second ?? null, text.length + (second ?? "").length);
    this.compared = null;
    if (second === null || second === undefined) return mark(this.textView, []);
    this.secondView.open(new Offsets(second), []);
    this.compared = differences(text, second);
    mark(this.textView, this.compared.first, this.compared.look);
    return mark(this.secondView, this.compared.second, this.compared.look);
  }

  /** Put an open panel under the words, which it is about. */
  placePanel(panel) {
    placeUnder(panel, this.view.sides, this.view.pane);
  }

  /** Show everything as it is now. */
  show({ session, guesses, alike, sure, single, ...standing }) {
    const { view, shades, keys, labels, compared } = this;
    const given = new Set([...session.state.spans.values()].map(({ label }) => label));
    const hint = () => describeChoice({ given, single, keys, labels, compared, ...standing });
    this.showStanding(session, standing, hint);
    view.showLabels(labels, given, shades);
    view.showGuesses(guesses, given, shades);
    view.showGiven(given, single);
    const said = Boolean(standing.notice || standing.news || standing.offer);
    const has = given.size > 0 || session.state.status === "done";
    view.offers.show(alike, sure, guesses, has, said);
    // What is offered stands where the hint does.
    view.hint.hidden = !view.offers.alike.hidden;
  }
}

function mark(view, ranges, look = "") {
  const pieces = ranges.map(({ start, end }) => ({ id: `${start}`, start, end, plain: true }));
  view.draw(new Map(pieces.map((piece) => [piece.id, piece])), (element) => {
    element.className = look;
  });
}
