// The person's judgement of what a model suggests: accept, reject, go to the next doubt.
import { overlapping } from "./model.js";
import { count, percent } from "./parts.js";

const LARGEST_BATCH = 5000;

/** Decides about the suggestions on one desk. */
export class Review {
  constructor(desk) {
    this.desk = desk;
  }

  /** Accept the selected suggestion, else the next one, and go on to the one behind it. */
  accept() {
    const { marker } = this.desk;
    const ghost = this.#subject();
    if (!ghost) return this.#sayNone();
    this.desk.selection.pickSpan(ghost.id, true);
    if (marker.offers(ghost.label)) marker.agree();
    else if (!marker.accept(ghost)) return null;
    return this.#goOn(ghost);
  }

  /** Reject the selected suggestion, else the next one, and go on to the one behind it. */
  reject() {
    const ghost = this.#subject();
    if (!ghost) return this.#sayNone();
    this.desk.marker.reject(ghost);
    return this.#goOn(ghost);
  }

  /** Accept all that reach the threshold and stand free, as one step. */
  acceptAll() {
    const { ghosts, marker, note } = this.desk;
    const { allowOverlaps } = this.desk.session.rules;
    const { sure, threshold } = ghosts;
    if (!sure.length) return note(`No suggestion reaches ${percent(threshold)}`);
    const free = allowOverlaps ? sure : apart(sure.filter(({ crossing }) => !crossing));
    const taken = free.slice(0, LARGEST_BATCH);
    const left = sure.length - taken.length;
    if (taken.length) marker.acceptAll(taken);
    const skipped = left ? `; ${left.toLocaleString("en")} left out, because they overlap` : "";
    return note(`${count(taken.length, "suggestion")} accepted${skipped}`);
  }

  /** Go to the next place where model and person disagree, in the next document at last. */
  async nextSuspect() {
    if (this.#show(this.#nextOf(this.desk.ghosts.suspects))) return;
    const { desk } = this;
    const { name } = desk.session.document;
    const none = desk.ghosts.looked
      ? `No more disagreements in ${name}`
      : `No model has looked at ${name} yet`;
    if (!desk.pager.turn(1)) return desk.note(`${none}; it is the last document of this queue.`);
    if (!(await desk.arrived())) return;
    const here = desk.session.document.name;
    const found = this.#show(this.#nextOf(desk.ghosts.suspects), `${none}. Now ${here}: `);
    if (!found) desk.note(`${none}, and none in ${here}.`);
    else desk.render();
  }

  #nextOf(suspects) {
    const { selection } = this.desk;
    const met = selection.offered ? null : selection.id;
    const at = suspects.findIndex(({ id }) => id === met);
    return at < 0 ? suspects.find(({ start }) => start >= selection.here) : suspects[at + 1];
  }

  #show(place, before = "") {
    if (!place) return false;
    const { selection, stage, note } = this.desk;
    selection.pickSpan(place.id, true);
    note(before + this.#describe(place));
    requestAnimationFrame(() => stage.reveal(place));
    return true;
  }

  #describe(place) {
    const { marker, session } = this.desk;
    const quote = `“${marker.quote(place)}”`;
    if (!place.suggested) return `You labelled ${quote} ${place.label}; the model did not.`;
    const said = `The model suggests ${place.label} (${percent(place.score)}) for ${quote}`;
    const [span] = place.crossing ? overlapping(session.state.spans, place) : [];
    return span ? `${said}; you have “${marker.quote(span)}” as ${span.label}.` : `${said}.`;
  }

  // The selected suggestion, else the one that says most about what is selected, else the next.
  #subject() {
    const { selection, ghosts } = this.desk;
    if (selection.ghost) return selection.ghost;
    const { shown } = ghosts;
    const here = selection.span ?? selection.range;
    const shared = ({ start, end }) => Math.min(end, here.end) - Math.max(start, here.start);
    const [near] = here ? overlapping(shown, here).sort((a, b) => shared(b) - shared(a)) : [];
    return near ?? shown.find(({ end }) => end > selection.here) ?? null;
  }

  #goOn({ start, end, id }) {
    const { ghosts, selection, note } = this.desk;
    const behind = (other) => other.start > start || (other.start === start && other.end <= end);
    const next = ghosts.shown.find((other) => other.id !== id && behind(other));
    if (next) return selection.pickSpan(next.id, true);
    selection.pickRange({ start, end });
    selection.drop();
    const left = ghosts.shown.length;
    return note(left ? `${count(left, "suggestion")} left, before this one` : "No suggestions left");
  }

  #sayNone() {
    const { ghosts, note } = this.desk;
    const before = ghosts.shown.length ? "No suggestion from here on" : "No suggestions left";
    note(ghosts.looked ? before : "No model has looked at this document yet");
  }
}

// Of neighbours that overlap, the surer one.
function apart(ghosts) {
  const taken = [];
  for (const ghost of ghosts) {
    const last = taken.at(-1);
    if (!last || last.end <= ghost.start) taken.push(ghost);
    else if (ghost.score > last.score) taken.splice(-1, 1, ghost);
  }
  return taken;
}
