// What a model holds a document for: what it says, and what it would say next.
import { recall, remember } from "../saving/preferences.js";

const THRESHOLD = "threshold";
const SHOWN = 3;

/** The guesses about one open document. */
export class Guesses {
  constructor() {
    this.said = [];
    this.all = [];
    this.looked = false;
    this.maker = "Model";
  }

  /** Take what the page sent: of labels that the project still has, the likeliest first. */
  receive({ suggestions, labels, threshold, project }) {
    const known = new Set(labels.map(({ name }) => name));
    const read = (found) => (found ?? []).filter(({ label }) => known.has(label));
    this.project = project;
    this.threshold = Number(recall(`${THRESHOLD}:${project}`) ?? threshold);
    this.looked = Boolean(suggestions);
    this.maker = suggestions?.maker || "Model";
    this.said = inOrder(read(suggestions?.spans));
    const others = read(suggestions?.guesses).filter(({ label }) => !this.says(label));
    this.all = [...this.said, ...inOrder(others)];
  }

  /** Return how many of the first guesses would be others in what the page sent. */
  changes(data) {
    const others = new Guesses();
    others.receive(data);
    const places = Array.from({ length: SHOWN }, (_, index) => index);
    const differs = (index) => this.shown[index]?.label !== others.shown[index]?.label;
    return places.filter(differs).length;
  }

  /** Choose how sure the model must be for many answers at once; it is kept. */
  setThreshold(threshold) {
    this.threshold = threshold;
    remember(`${THRESHOLD}:${this.project}`, String(threshold));
  }

  /** Tell whether a label is what the model says. */
  says(label) {
    return this.said.some((guess) => guess.label === label);
  }

  /** The first guesses, which are one key away. */
  get shown() {
    return this.all.slice(0, SHOWN);
  }

  /** Return labels with those that are guessed first. */
  order(labels) {
    const place = new Map(this.all.map(({ label }, index) => [label, index]));
    const at = ({ name }) => place.get(name) ?? Infinity;
    return [...labels].sort((a, b) => (at(a) === at(b) ? 0 : at(a) - at(b)));
  }

  /** Return how likely the model holds a label, null where it does not say. */
  score(label) {
    return this.all.find((guess) => guess.label === label)?.score ?? null;
  }
}

function inOrder(guesses) {
  return [...guesses].sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
}
