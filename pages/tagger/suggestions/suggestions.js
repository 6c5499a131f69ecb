// What a model would label in the open document, as far as nobody has decided about it.
import { inOrder, overlapFinder, overlapping, placeKey } from "../document/places.js";
import { isPunctuation } from "../document/words.js";
import { recall, remember } from "../saving/preferences.js";
import { points } from "../elements/elements.js";

const THRESHOLD = "threshold";
// Spans outlive the states that hold them: each is named once.
const keys = new WeakMap();

function keyOf(span) {
  if (!keys.has(span)) keys.set(span, placeKey([span.start, span.end, span.label]));
  return keys.get(span);
}

/** The suggestions of one open document; `shown` are those that are still a question. */
export class Suggestions {
  constructor(session) {
    this.session = session;
    this.sent = null;
    this.all = [];
    this.guesses = [];
  }

  /** Take what the page sent. */
  receive({ suggestions, threshold, project }) {
    this.project = project;
    this.threshold = Number(recall(`${THRESHOLD}:${project}`) ?? threshold);
    const fresh = JSON.stringify(suggestions ?? null);
    if (fresh === this.sent) return;
    this.sent = fresh;
    this.looked = Boolean(suggestions);
    this.all = readAll(suggestions);
    const makers = new Set(this.all.map(({ maker }) => maker));
    this.maker = [...makers].join(" and ") || (suggestions?.maker ?? "");
    this.foresee(suggestions);
    this.seen = null;
  }

  /** Take other guesses, which nobody sees: what words would be that are not suggested. */
  foresee(suggestions) {
    this.guesses = suggestions?.guesses ?? [];
  }

  /** Return how many places would be suggested otherwise: not at all, anew, with other labels. */
  changes(suggestions) {
    const others = this.#undecided(this.session.state, readAll(suggestions));
    const [before, after] = [this.shown, others].map((all) => new Map(all.map((each) => [each.key, each])));
    const alone = (some, rest) => [...some.values()].filter(({ key }) => !rest.has(key));
    const places = [...alone(before, after), ...alone(after, before)];
    return new Set(places.map(({ start, end }) => `${start}-${end}`)).size;
  }

  /** Choose how sure the model must be for several to be accepted at once; it is kept. */
  setThreshold(threshold) {
    this.threshold = threshold;
    remember(`${THRESHOLD}:${this.project}`, String(threshold));
  }

  /** Return the undecided suggestions in reading order. `crossing` ones stand in the way of
   *  spans that may not overlap. */
  get shown() {
    const { state, rules } = this.session;
    if (this.seen?.state === state && this.seen.rules === rules) return this.kept;
    this.seen = { state, rules };
    this.kept = this.all.length ? this.#undecided(state, this.all) : [];
    return this.kept;
  }

  #undecided({ spans, rejected }, all) {
    const { labels, allowOverlaps } = this.session.rules;
    const decided = new Set(rejected);
    for (const span of spans.values()) decided.add(keyOf(span));
    const crosses = allowOverlaps ? () => false : overlapFinder(spans);
    const open = all.filter(({ key, label }) => !decided.has(key) && labels.has(label));
    return open.map((each) => (crosses(each) ? { ...each, crossing: true } : each));
  }

  /** Return an undecided suggestion by its id, or null. */
  find(id) {
    return id?.startsWith("~") ? (this.shown.find((each) => each.id === id) ?? null) : null;
  }

  /** Return the undecided ones that a range stands for: one that it touches, or several that
   *  agree on the label and fill half of it, where no span lies. Where spans may overlap,
   *  other borders may mean one more span: there the range must be the same. */
  meant(range) {
    const { state, rules } = this.session;
    const touched = overlapping(this.shown, range);
    const same = ({ start, end }) => start === range.start && end === range.end;
    const found = rules.allowOverlaps ? touched.filter(same) : touched;
    const free = rules.allowOverlaps || !overlapping(state.spans, range).length;
    const agree = new Set(found.map(({ label }) => label)).size === 1;
    return free && agree && (found.length === 1 || fill(found, range)) ? found : [];
  }

  /** Return the label that words are likeliest to have which nothing lies on, or null. */
  likeliest(range) {
    const { state, rules } = this.session;
    const taken = [state.spans, this.shown].some((all) => overlapping(all, range).length);
    if (taken || isPunctuation(rules.offsets.slice(range.start, range.end))) return null;
    const chances = new Map();
    for (const { start, end, label, score } of overlapping(this.guesses, range)) {
      const shared = Math.min(end, range.end) - Math.max(start, range.start);
      chances.set(label, (chances.get(label) ?? 0) + shared * score);
    }
    const free = (label) => rules.labels.has(label) && !state.rejected.has(placeKey([range.start, range.end, label]));
    const [best] = [...chances].filter(([label]) => free(label)).sort((a, b) => b[1] - a[1]);
    return best?.[0] ?? null;
  }

  /** Return those that reach the threshold. */
  get sure() {
    // As they are shown: what stands there with 80 % reaches 80 %.
    return this.shown.filter(({ score }) => points(score) >= points(this.threshold));
  }

  /** Return where model and person disagree, in reading order: undecided suggestions, and
   *  spans that the model has not and nobody has confirmed. */
  get suspects() {
    if (!this.looked) return [];
    const known = new Set(this.all.map(({ key }) => key));
    const spans = [...this.session.state.spans.values()];
    const { confirmed } = this.session.state;
    const settled = (key) => known.has(key) || confirmed.has(key);
    const alone = spans.filter((span) => !settled(keyOf(span)));
    return inOrder([...alone, ...this.shown]);
  }
}

function readAll(suggestions) {
  const spans = (suggestions?.spans ?? []).map((span, index) => {
    const { start, end, label, score, maker = suggestions.maker } = span;
    // No span's id begins like this.
    const id = `~${suggestions.run}-${index}`;
    const key = placeKey([start, end, label]);
    return { id, start, end, label, score, suggested: true, maker, key };
  });
  return inOrder(spans);
}

// Tell whether places make up at least half of a range.
function fill(places, range) {
  const within = ({ start, end }) => Math.min(end, range.end) - Math.max(start, range.start);
  const covered = places.reduce((sum, place) => sum + within(place), 0);
  return 2 * covered >= range.end - range.start;
}
