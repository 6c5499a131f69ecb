// Draws the state of the editor: the frame, the text, and what lies over it.
import { inkOn, paint, readTheme, shadeLabels } from "../labels/colors.js";
import { COMMANDS } from "../keys/commands.js";
import { describeHint, describeSaving, describeTrouble } from "./messages.js";
import { isInSight, paintRange, placeCard, placeGrips, placePanel, reveal } from "../text/overlay.js";
import { TextView } from "../text/textview.js";
import { percent } from "../elements/elements.js";
import { Remaining } from "../queue/remaining.js";
import { View } from "./view.js";

/** Everything that is drawn; reads the editor, never changes it. */
export class Renderer {
  constructor(root, act, place = root) {
    this.root = root;
    this.view = new View(act);
    this.textView = new TextView(this.view.text);
    this.remaining = new Remaining();
    place.append(this.view.root);
  }

  close() {
    paintRange(this.textView, null);
    this.view.root.remove();
  }

  /** Draw another text. */
  open(session) {
    this.session = session;
    this.previewed = null;
    this.textView.open(session.rules.offsets, session.tokens);
    this.view.pane.scrollTop = 0;
    this.fit();
  }

  /** Give the frame what the page leaves of the window's height. */
  fit() {
    const { top } = this.root.host.getBoundingClientRect();
    this.view.root.style.setProperty("--above", `${Math.max(Math.round(top), 0)}px`);
  }

  /** Take labels, queue and theme from what the page sent. */
  receive({ document, queue, labels }, keys) {
    const theme = readTheme(this.root.host);
    this.view.root.style.setProperty("--on-primary", inkOn(theme.primary));
    this.labels = labels;
    this.shades = shadeLabels(labels, theme);
    this.stamp = JSON.stringify([theme, labels]);
    this.keys = keys;
    this.view.showKeys(COMMANDS, keys);
    this.view.showPlace(document, queue);
    this.remaining.receive(queue);
  }

  /** Give the text the keyboard. */
  focus() {
    this.view.pane.focus({ preventScroll: true });
  }

  /** Show everything as it is now. */
  show({ session, selection, suggestions, repeats, sticky, ...said }) {
    const { notice, news, offer, waiting, summary, choices, leaves } = said;
    const { view, textView, shades } = this;
    const { state, lane } = session;
    this.selection = selection;
    view.root.classList.toggle("waiting", waiting);
    view.showState(state, this.remaining.count(session.document.id, state.status));
    view.showLabels(this.labels, state.spans, sticky, shades);
    view.showSaved(describeSaving(summary, lane));
    view.showBar(describeTrouble(summary, lane, choices));
    if (offer) view.showHint(offer.text, true, offer.caption);
    else if (notice || news) view.showHint(notice ?? news, Boolean(notice));
    else view.showHint(describeHint(selection, sticky, this.keys, this.labels, leaves));
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

  /** Highlight what is being dragged over; null goes back to what is selected. */
  preview(range) {
    this.previewed = range;
    paintRange(this.textView, range ?? this.selection?.range);
  }

  /** Put the grips and the card where the selected span is. */
  place() {
    const { view, textView, selection } = this;
    for (const grip of view.grips) paint(grip, this.shades, selection.span?.label);
    placeGrips(view.grips, textView, view.pane, selection.span);
    this.placeCard();
  }

  placeCard() {
    const { place, card } = this.selection ?? {};
    placeCard(this.view.card, this.textView, this.view.pane, card ? place : null);
  }

  /** Put an open panel by a range, or over the text; `foot` puts it at the text's foot. */
  placePanel(panel, range, foot = false) {
    placePanel(panel, this.textView, this.view.pane, range, foot);
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
