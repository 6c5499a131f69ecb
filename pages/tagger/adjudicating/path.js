// The way through the places of a document, from one that is not settled to the next.
import { Path } from "../walking/path.js";

/** The way through one document's differences. */
export class PlacePath extends Path {
  /** Go to the next place that is not settled; tell whether one is left. */
  goOn() {
    const { rows } = this.walk.data;
    const at = rows.indexOf(this.row);
    const isOpen = (row) => !this.walk.outcome(row);
    const next = rows.slice(at + 1).find(isOpen) ?? rows.slice(0, at).find(isOpen);
    if (next) this.goTo(next);
    return Boolean(next);
  }
}
