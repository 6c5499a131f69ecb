// The person's judgement of what a model suggests: accept, reject, go to the next doubt.
import { LARGEST_BATCH } from "../document/annotation.js";
import { overlapping } from "../document/places.js";
import { count, percent } from "../elements/elements.js";

/** Decides about the suggestions, for one editor. */
export class Review {
  constructor(editor) {
    this.editor = editor;
  }

  /** Accept the selected suggestion, else the next one, and go on to the one behind it; give
   *  selected words that nothing is suggested for the likeliest label. */
  accept() {
    const { marker, selection, suggestions } = this.editor;
    const { range } = selection;
    const likeliest = range && suggestions.likeliest(range);
    if (likeliest) return marker.guess(range, likeliest);
    const suggestion = this.#subject();
    if (!suggestion) return this.#sayNone();
    this.editor.selection.pickSpan(suggestion.id, true);
    if (marker.offers(suggestion.label)) marker.agree();
    else if (!marker.accept(suggestion)) return null;
    return this.#goOn(suggestion);
  }

  /** Reject the selected suggestion, else the next one, and go on to the one behind it. */
  reject() {
    const suggestion = this.#subject();
    if (!suggestion) return this.#sayNone();
    this.editor.marker.reject(suggestion);
    return this.#goOn(suggestion);
  }

  /** Accept all that reach the threshold and stand free, as one step. */
  acceptAll() {
    const { suggestions, marker, note } = this.editor;
    const { allowOverlaps } = this.editor.session.rules;
    const { sure, threshold } = suggestions;
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
    if (this.#show(this.#nextOf(this.editor.suggestions.suspects))) return;
    const { editor } = this;
    const { name } = editor.session.document;
    const none = editor.suggestions.looked
      ? `No more disagreements in ${name}`
      : editor.data.withheld || `No model has looked at ${name} yet`;
    if (!editor.pager.turn(1)) return editor.note(`${none}; it is the last document of this queue.`);
    if (!(await editor.arrived())) return;
    const here = editor.session.document.name;
    const found = this.#show(this.#nextOf(editor.suggestions.suspects), `${none}. Now ${here}: `);
    if (!found) editor.note(`${none}, and none in ${here}.`);
    else editor.render();
  }

  #nextOf(suspects) {
    const { selection } = this.editor;
    const met = selection.offered ? null : selection.id;
    const at = suspects.findIndex(({ id }) => id === met);
    return at < 0 ? suspects.find(({ start }) => start >= selection.here) : suspects[at + 1];
  }

  #show(place, before = "") {
    if (!place) return false;
    const { selection, renderer, note } = this.editor;
    selection.pickSpan(place.id, true);
    note(before + this.#describe(place));
    requestAnimationFrame(() => renderer.reveal(place));
    return true;
  }

  #describe(place) {
    const { marker, session } = this.editor;
    const quote = `“${marker.quote(place)}”`;
    if (!place.suggested) return `You labelled ${quote} ${place.label}; the model did not.`;
    const said = `The model suggests ${place.label} (${percent(place.score)}) for ${quote}`;
    const [span] = place.crossing ? overlapping(session.state.spans, place) : [];
    return span ? `${said}; you have “${marker.quote(span)}” as ${span.label}.` : `${said}.`;
  }

  // The selected suggestion, else the one that says most about what is selected, else the next.
  #subject() {
    const { selection, suggestions } = this.editor;
    if (selection.suggestion) return selection.suggestion;
    const { shown } = suggestions;
    const here = selection.span ?? selection.range;
    const shared = ({ start, end }) => Math.min(end, here.end) - Math.max(start, here.start);
    const [near] = here ? overlapping(shown, here).sort((a, b) => shared(b) - shared(a)) : [];
    return near ?? shown.find(({ end }) => end > selection.here) ?? null;
  }

  #goOn({ start, end, id }) {
    const { suggestions, selection, note } = this.editor;
    const behind = (other) => other.start > start || (other.start === start && other.end <= end);
    const next = suggestions.shown.find((other) => other.id !== id && behind(other));
    if (next) return selection.pickSpan(next.id, true);
    selection.pickRange({ start, end });
    selection.drop();
    const left = suggestions.shown.length;
    return note(left ? `${count(left, "suggestion")} left, before this one` : "No suggestions left");
  }

  #sayNone() {
    const { suggestions, note, data } = this.editor;
    const before = suggestions.shown.length ? "No suggestion from here on" : "No suggestions left";
    const unseen = data.withheld || "No model has looked at this document yet";
    note(suggestions.looked ? before : unseen);
  }
}

// Of neighbours that overlap, the surer one.
function apart(suggestions) {
  const taken = [];
  for (const suggestion of suggestions) {
    const last = taken.at(-1);
    if (!last || last.end <= suggestion.start) taken.push(suggestion);
    else if (suggestion.score > last.score) taken.splice(-1, 1, suggestion);
  }
  return taken;
}
