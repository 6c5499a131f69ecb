// How many documents of the queue are still to do. The page counts when it runs; what was
// decided here since, and may not have been stored yet by then, is counted here.

/** Counts what remains, for one editor. */
export class Remaining {
  constructor() {
    // Whether each document that was open here is still to do.
    this.seen = new Map();
  }

  /** Take the page's count: `left` of all, and which of those around the open one. */
  receive({ ids, open, left }) {
    this.ids = ids;
    this.open = new Set(open);
    this.sent = left;
  }

  /** Keep the status that a document has, also for when another one is open. */
  see(document, status) {
    this.seen.set(document, status !== "done" && status !== "skipped");
  }

  /** Return how many are left, now that a document has a status. */
  count(document, status) {
    this.see(document, status);
    const known = this.ids.filter((id) => this.seen.has(id));
    const change = (id) => Number(this.seen.get(id)) - Number(this.open.has(id));
    return known.reduce((left, id) => left + change(id), this.sent);
  }
}
