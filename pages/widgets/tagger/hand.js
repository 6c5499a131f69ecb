// The pointer on the text: what a drag, a click and a pulled grip mean for the desk.
import { unitUnder, watchGrip, watchText } from "./gestures.js";
import { snap } from "./offsets.js";
import { wordAt } from "./words.js";

/** Turns gestures into selections and edits. */
export class Hand {
  constructor(desk, signal) {
    this.desk = desk;
    this.dragged = null;
    this.#watch(desk.stage, desk.root, signal);
  }

  #watch(stage, root, signal) {
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
    addEventListener("scroll", () => stage.placeCard(), { signal, capture: true });
    addEventListener("resize", () => (stage.fit(), stage.place()), { signal });
  }

  #snapped({ from, to }, exact = false) {
    const { tokens, rules } = this.desk.session;
    const range = { start: rules.offsets.point(from), end: rules.offsets.point(to, true) };
    return exact ? range : snap(tokens, rules.offsets, range);
  }

  // The word a double-click means, in whole tokens. Chromium takes the space beside a word
  // for the one clicked on where directions meet: only what is under the pointer counts.
  #wordUnder(gesture) {
    const { session, stage, root } = this.desk;
    const { tokens, rules } = session;
    const { offsets } = rules;
    const unit = unitUnder(stage.paper, root, gesture) ?? 0;
    const point = [unit, unit - 1].map((at) => offsets.point(Math.max(at, 0)));
    const under = point.find((at) => holds(stage.paper.range({ start: at, end: at + 1 }), gesture));
    if (under === undefined) return null;
    const word = wordAt(offsets.text, offsets.unit(under));
    const range = word
      ? { start: offsets.point(word.from), end: offsets.point(word.to, true) }
      : { start: under, end: under + 1 };
    return snap(tokens, offsets, range);
  }

  #onRange(units, gesture) {
    const { path, exact, clicks, touch } = gesture;
    const { desk } = this;
    const beneath = idsIn(path);
    // A double-click on spans chooses among them, except where one more may go inside.
    const nesting = desk.data.allow_overlaps && beneath.length === 1;
    const word = clicks === 2 && !exact ? this.#wordUnder(gesture) : null;
    const range = word ?? this.#snapped(units, exact);
    const meant = range && !desk.sticky && desk.ghosts.meant(range).length;
    if (clicks === 2 && beneath.length && !nesting && !meant) return this.#pickNext(beneath);
    if (!range || desk.locked) return desk.render();
    desk.selection.pickRange(range);
    return desk.attempt(() => !touch && this.#label(range));
  }

  // With the label that is taken up, else with the one that is suggested there.
  #label(range) {
    const { sticky, marker, ghosts } = this.desk;
    if (sticky) return marker.add(range, sticky, sticky);
    const meant = ghosts.meant(range);
    return meant.length > 0 && marker.gather(meant, range);
  }

  #onClick(gesture) {
    const { desk } = this;
    const beneath = idsIn(gesture.path);
    if (beneath.length) return this.#pickNext(beneath);
    const unit = unitUnder(desk.stage.paper, desk.root, gesture) ?? 0;
    const point = desk.session.rules.offsets.point(unit);
    return desk.attempt(() => desk.selection.point(point));
  }

  // Of spans lying in one another: the innermost first, then the one around it.
  #pickNext(ids) {
    const { desk } = this;
    const next = ids[(ids.indexOf(desk.selection.id) + 1) % ids.length];
    desk.attempt(() => desk.selection.pickSpan(next, true));
  }

  #dragEdge(edge, unit, exact) {
    const { selection, session, stage } = this.desk;
    const { span } = selection;
    const { offsets } = session.rules;
    const range = { start: span.start, end: span.end, [edge]: offsets.point(unit) };
    if (range.start >= range.end) return;
    this.dragged = exact ? range : snap(session.tokens, offsets, range);
    stage.preview(this.dragged);
  }

  #dropEdge() {
    const { dragged, desk } = this;
    this.dragged = null;
    desk.stage.preview(null);
    desk.attempt(() => dragged && !desk.locked && desk.marker.move(dragged));
  }
}

// The ids of the spans and suggestions that an event went through, innermost first.
function idsIn(path) {
  return path.filter((node) => node.matches?.(".span, .ghost")).map((node) => node.dataset.id);
}

// Tell whether a piece of text is under the pointer.
function holds(range, { clientX: x, clientY: y }) {
  const within = ({ left, right, top, bottom }) => left <= x && x <= right && top <= y && y <= bottom;
  return [...range.getClientRects()].some(within);
}
