// Where a walk through the rows is: the current row, the next undecided one, the pages; and which
// rows were looked at.

// Where each list was left, for who comes back to it.
const left = new Map();

/** The way through the rows of one list. */
export class Path {
  constructor(walk) {
    this.walk = walk;
    this.row = null;
    // Where a page that was asked for is entered: "first", "last", or null.
    this.landing = null;
    this.visited = new Set();
    this.told = new Set();
  }

  /** Begin with other rows: another list, or another page of it. */
  open(another) {
    const { data } = this.walk;
    const { rows, list, page } = data;
    if (another) [this.visited, this.told] = [new Set(), new Set()];
    const { landing, row: before } = this;
    this.landing = null;
    // Of a list that was made anew, who was at a row stays there.
    const same = !landing && nameOf(this.list) === nameOf(list);
    this.list = list;
    const stays = same && before && rows.find(({ id }) => id === before.id);
    const known = rows.find(({ id }) => id === left.get(`${list}/${page}`));
    const open = rows.find((row) => !this.walk.outcome(row)) ?? rows[0];
    this.row = landing === "last" ? rows.at(-1) : stays || (!landing && known) || open;
    // Who turned a page by a key is on its row; who opened a list has not looked yet.
    if (landing) this.#arrive();
    else if (stays) requestAnimationFrame(() => this.walk.views.get(stays.id)?.reveal());
  }

  /** Take the same rows as the page sends them anew. */
  renew() {
    this.row = this.row && this.walk.rowOf(this.row.id);
  }

  /** Go to the next (by = 1) or the previous row, over the pages. */
  step(by) {
    const { rows, page, pages } = this.walk.data;
    const next = rows[rows.indexOf(this.row) + by];
    if (next) return this.goTo(next);
    const to = page + by;
    if (to >= 1 && to <= pages) return this.turn(to, by > 0 ? "first" : "last");
    return this.walk.note(`This is the ${by > 0 ? "last" : "first"} row.`);
  }

  /** Go to a row. */
  goTo(row) {
    this.row = row;
    this.walk.note("");
    this.#arrive();
    this.walk.render();
  }

  /** Go to the next row that nobody has decided about, on the next page at last. */
  goOn() {
    const { rows, page, pages } = this.walk.data;
    const at = rows.indexOf(this.row);
    const isOpen = (row) => !this.walk.outcome(row);
    const next = rows.slice(at + 1).find(isOpen);
    if (next) return this.goTo(next);
    if (page < pages) return this.turn(page + 1, "first");
    const before = rows.slice(0, at).find(isOpen);
    return before ? this.goTo(before) : this.walk.render();
  }

  /** Go back to a row of which something was taken back; to the first of its document where it
   *  is not known which. */
  returnTo(id, document) {
    const rows = this.walk.data.rows.filter((row) => row.document === document);
    const here = rows.find((row) => row === this.row) ?? rows[0];
    this.row = rows.find((row) => row.id === id) ?? here ?? this.row;
    this.#arrive();
  }

  /** Ask for another page of the list, to begin with its first or its last row. */
  turn(page, landing = "first") {
    this.landing = landing;
    this.walk.ask("page", { page });
  }

  #arrive() {
    const { walk, row } = this;
    this.visit();
    const { list, page, rows } = walk.data;
    left.set(`${list}/${page}`, row.id);
    const view = walk.views.get(row.id);
    // What is said comes after what is drawn.
    requestAnimationFrame(() => {
      view.reveal();
      const place = `Row ${rows.indexOf(row) + 1} of ${rows.length}`;
      walk.frame.announce(`${place}: ${view.spoken.textContent}. ${walk.outcome(row)}`);
    });
  }

  /** Note that the current row was looked at: counted by documents, for each list by itself. */
  async visit() {
    const { data, requester } = this.walk;
    const { counts, list, queue, barrier, seen } = data;
    const { document } = this.row;
    this.visited.add(document);
    if (this.told.has(document) || seen.includes(document)) return;
    if (barrier || counts.seen === null) return;
    this.told.add(document);
    const answer = await requester.ask("visit", { document, queue });
    // What did not arrive is told the next time that somebody looks.
    if (answer.status !== 200) this.told.delete(document);
    if (answer.status !== 200 || list !== this.walk.data.list) return;
    const { counts: now } = this.walk.data;
    now.seen = Math.max(now.seen, answer.body.seen);
    this.walk.render();
  }

  /** Tell whether a document was looked at from this list. */
  sees(document) {
    return this.visited.has(document) || this.walk.data.seen.includes(document);
  }
}

// A list's name ends with how long it is.
function nameOf(list) {
  return list?.slice(0, list.lastIndexOf("/"));
}
