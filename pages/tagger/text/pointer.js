// The pointer on the text: what a drag, a click and a pulled grip mean for the editor.
import { unitUnder, watchGrip, watchText } from "./gestures.js";
import { snap } from "../document/offsets.js";
import { wordAt } from "../document/words.js";

// How far from the place that the browser tells the character under the pointer may be.
const NEAR = 30;

/** Turns gestures into selections and edits. */
export class Pointer {
  constructor(editor, signal) {
    this.editor = editor;
    this.dragged = null;
    this.#watch(editor.renderer, editor.root, signal);
  }

  #watch(renderer, root, signal) {
    const { view, textView } = renderer;
    watchText(textView, view.pane, root, signal, {
      preview: (units) => this.#preview(units && this.#snapped(units)),
      range: (units, gesture) => this.#onRange(units, gesture),
      click: (gesture) => this.#onClick(gesture),
      rest: () => this.editor.render(),
    });
    view.grips.forEach((grip, index) => {
      const edge = index ? "end" : "start";
      const move = (unit, event) => this.#dragEdge(edge, unit, event.altKey);
      watchGrip(grip, textView, root, { move, drop: () => this.#dropEdge() });
    });
    // With the focus a dialog comes and goes.
    for (const event of ["scroll", "focusin"])
      addEventListener(event, () => renderer.placeCard(), { signal, capture: true });
    addEventListener("resize", () => (renderer.fit(), renderer.place()), { signal });
  }

  #snapped({ from, to }, exact = false) {
    const { tokens, rules } = this.editor.session;
    const range = { start: rules.offsets.point(from), end: rules.offsets.point(to, true) };
    return exact ? range : snap(tokens, rules.offsets, range);
  }

  // The word a double-click means, in whole tokens. Where directions meet, a browser may tell the
  // space beside a word, or the other end of a number: only what is under the pointer counts.
  #wordUnder(gesture) {
    const { session, renderer, root } = this.editor;
    const { tokens, rules } = session;
    const { offsets } = rules;
    const unit = unitUnder(renderer.textView, root, gesture) ?? 0;
    const near = Array.from({ length: NEAR }, (_, far) => [unit + far, unit - 1 - far]).flat();
    const inside = near.filter((at) => at >= 0 && at < offsets.text.length);
    const rangeAt = (at) => renderer.textView.range({ start: at, end: at + 1 });
    const under = inside.map((at) => offsets.point(at)).find((at) => holds(rangeAt(at), gesture));
    if (under === undefined) return null;
    const word = wordAt(offsets.text, offsets.unit(under));
    const range = word
      ? { start: offsets.point(word.from), end: offsets.point(word.to, true) }
      : { start: under, end: under + 1 };
    return snap(tokens, offsets, range);
  }

  #onRange(units, gesture) {
    const { path, exact, clicks, touch } = gesture;
    const { editor } = this;
    const beneath = idsIn(path);
    // A double-click on spans chooses among them, except where one more may go inside.
    const nesting = editor.data.allow_overlaps && beneath.length === 1;
    const word = clicks === 2 && !exact ? this.#wordUnder(gesture) : null;
    const range = word ?? this.#snapped(units, exact);
    const meant = range && !editor.sticky && editor.suggestions.meant(range).length;
    if (clicks === 2 && beneath.length && !nesting && !meant) return this.#pickNext(beneath);
    if (!range || editor.locked) return editor.render();
    editor.selection.pickRange(range);
    return editor.attempt(() => !touch && this.#labelling(range)?.act());
  }

  // What a drag over a range does, and the label that it gives: the one that is taken up, else the
  // one that is suggested there, else the likeliest, which a digit changes; null: it only selects.
  #labelling(range) {
    const { sticky, marker, suggestions, likeliest } = this.editor;
    if (sticky) return { label: sticky, act: () => marker.add(range, sticky, sticky) };
    const meant = suggestions.meant(range);
    if (meant.length) return { label: meant[0].label, act: () => marker.gather(meant, range) };
    const label = likeliest(range);
    return label && { label, act: () => marker.guess(range, label) };
  }

  #preview(range) {
    const { renderer, locked } = this.editor;
    renderer.preview(range, range && !locked ? this.#labelling(range)?.label : null);
  }

  #onClick(gesture) {
    const { editor } = this;
    const beneath = idsIn(gesture.path);
    if (beneath.length) return this.#pickNext(beneath);
    const unit = unitUnder(editor.renderer.textView, editor.root, gesture) ?? 0;
    const point = editor.session.rules.offsets.point(unit);
    return editor.attempt(() => editor.selection.point(point));
  }

  // Of spans lying in one another: the innermost first, then the one around it.
  #pickNext(ids) {
    const { editor } = this;
    const next = ids[(ids.indexOf(editor.selection.id) + 1) % ids.length];
    editor.attempt(() => editor.selection.pickSpan(next, true));
  }

  #dragEdge(edge, unit, exact) {
    const { selection, session, renderer } = this.editor;
    const { span } = selection;
    const { offsets } = session.rules;
    const range = { start: span.start, end: span.end, [edge]: offsets.point(unit) };
    if (range.start >= range.end) return;
    this.dragged = exact ? range : snap(session.tokens, offsets, range);
    renderer.preview(this.dragged);
  }

  #dropEdge() {
    const { dragged, editor } = this;
    this.dragged = null;
    editor.renderer.preview(null);
    editor.attempt(() => dragged && !editor.locked && editor.marker.move(dragged));
  }
}

// The ids of the spans and suggestions that an event went through, innermost first.
function idsIn(path) {
  return path.filter((node) => node.matches?.(".span, .suggestion")).map((node) => node.dataset.id);
}

// Tell whether a piece of text is under the pointer.
function holds(range, { clientX: x, clientY: y }) {
  const within = ({ left, right, top, bottom }) => left <= x && x <= right && top <= y && y <= bottom;
  return [...range.getClientRects()].some(within);
}
