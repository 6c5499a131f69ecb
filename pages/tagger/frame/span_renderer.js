// Draws the state of the tagger of spans: the frame, the text, and what lies over it.
import { paint } from "../labels/colors.js";
import { describeHint } from "./messages.js";
import { isShutOff } from "../keys/focus.js";
import { isInSight, paintRange, placeCard, placeGrips, reveal } from "../text/overlay.js";
import { percent } from "../elements/elements.js";
import { Renderer } from "./renderer.js";
import { SpanView } from "./span_view.js";

/** Everything that is drawn; reads the editor, never changes it. */
export class SpanRenderer extends Renderer {
  constructor(root, act, place = root) {
    super(root, new SpanView(act), place);
  }

  close() {
    paintRange(this.textView, null);
    super.close();
  }

  /** Show everything as it is now. */
  show({ session, selection, suggestions, repeats, sticky, ...standing }) {
    const { view, textView, shades } = this;
    const { state } = session;
    this.selection = selection;
    const likeliest = () => selection.range && suggestions.likeliest(selection.range);
    const hint = () => describeHint(selection, sticky, likeliest(), this.keys, this.labels, standing.leaves);
    this.showStanding(session, standing, hint);
    this.#promise();
    view.showLabels(this.labels, state.spans, sticky, shades);
    const drawn = [...state.spans.values(), ...suggestions.shown];
    textView.draw(drawn, (element, slice) => this.#dress(element, slice), this.stamp);
    textView.mark(selection.id);
    view.point(selection.place);
    view.suggestionBar.show(repeats, suggestions);
    if (selection.card && selection.span) view.fillCard(selection.span, shades);
    if (selection.card && selection.suggestion) view.fillSuggestionCard(selection.suggestion, shades);
    // An answer of the server may come in the middle of a drag.
    paintRange(textView, this.previewed ?? selection.range);
    this.place();
  }

  // One slice of a span; its label's name stands behind the last one, outside the text. A
  // slice takes no focus: it is redrawn at every edit, and the keyboard would go with it.
  #dress(element, { span, from, to }) {
    const { offsets } = this.session.rules;
    const [first, last] = [from === offsets.unit(span.start), to === offsets.unit(span.end)];
    const kind = span.suggested ? `suggestion${span.crossing ? " crossing" : ""}` : "span";
    element.className = `${kind}${first ? " first" : ""}${last ? " last" : ""}`;
    element.dataset.id = span.id;
    element.dataset.label = nameOf(span);
    element.setAttribute("role", "button");
    if (first) element.id = `span-${span.id}`;
    const what = span.suggested ? `suggested ${span.label}, ${percent(span.score)}` : span.label;
    element.setAttribute("aria-label", `${offsets.slice(span.start, span.end)}, ${what}`);
    paint(element, this.shades, span.label);
  }

  /** Highlight what is being dragged over, and say which label it gets if any; null goes back to
   *  what is selected. */
  preview(range, label = null) {
    this.previewed = range;
    this.promised = range && label;
    this.#promise();
    paintRange(this.textView, range ?? this.selection?.range);
  }

  // As long as words are dragged over, nothing else is said.
  #promise() {
    if (this.promised) this.view.showHint(`Let go to label it ${this.promised}`);
  }

  /** Put the grips and the card where the selected span is. */
  place() {
    const { view, textView, selection } = this;
    for (const grip of view.grips) paint(grip, this.shades, selection.span?.label);
    placeGrips(view.grips, textView, view.pane, selection.span);
    this.placeCard();
  }

  /** Put the card by its span; none over a dialog of the page. */
  placeCard() {
    const { place, card } = this.selection ?? {};
    const { view, textView } = this;
    const shown = card && !isShutOff(view.pane.getRootNode().host);
    placeCard(view.card, textView, view.pane, shown ? place : null);
  }

  /** Tell whether a range is on the screen. */
  sees(range) {
    return isInSight(this.textView, this.view.pane, range);
  }

  /** Scroll to a range. */
  reveal(range) {
    if (range) reveal(this.textView, this.view.pane, range);
  }
}

// What stands behind a span in the text.
function nameOf({ label, suggested, score }) {
  return suggested ? `${label} ${percent(score)}` : label;
}
