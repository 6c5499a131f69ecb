// Undo and redo from a list: the newest step, whether it was decided here or made elsewhere. What
// the page has open is taken back here, and so without a connection; the rest by the server.
import { describeOperation, Refusal, redoing, undoing } from "../document/annotation.js";
import { delivered, describeFailure } from "../saving/requests.js";

const WORDS = {
  undo: { done: "Undone", not: "Not undone", none: "Nothing to undo" },
  redo: { done: "Redone", not: "Not redone", none: "Nothing to redo" },
};
// The newest step may turn out to be another one that often before we give up.
const TRIES = 5;

/** Takes steps back and repeats them, for one walk. */
export class Retracing {
  constructor(walk) {
    this.walk = walk;
    this.wanted = [];
    this.busy = false;
    // What was decided here, by the name of its edit: {row, words}; and when what was done, or
    // taken back, by the name of its step.
    this.made = new Map();
    this.order = new Map();
    this.turns = 0;
  }

  /** Keep in mind what an edit decided. */
  note(author, row, words) {
    this.made.set(author, { row, words });
    this.order.set(author, ++this.turns);
  }

  /** Take one step, "undo" or "redo"; those asked for meanwhile follow in order. */
  async take(direction) {
    this.wanted.push(direction);
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.wanted.length) await this.#turn(this.wanted.shift());
    } finally {
      this.wanted = [];
      this.busy = false;
    }
    this.walk.render();
  }

  async #turn(direction) {
    const { walk } = this;
    const { not, none } = WORDS[direction];
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const expects = this.#takeHere(direction);
      if (expects === null) return null;
      if (!expects) return walk.note(none);
      const trouble = await delivered(walk.outbox, walk.data.token);
      if (trouble) return walk.note(`${not}: ${trouble}`, true);
      const { document } = walk.path.row;
      const answer = await walk.requester.ask("undo", { document, direction, expects });
      if (answer.body?.state) walk.desk.get(document)?.confirm(answer.body.state);
      if (answer.status === 200) return this.#follow(direction, answer.body);
      if (answer.status === 404) return walk.note(none);
      if (answer.status !== 409) return walk.note(`${not}: ${describeFailure(answer)}`, true);
    }
    return walk.note(`${not}: another page is at work in this project. Try again.`, true);
  }

  // Takes the newest step where it is one of an open document and returns null; else returns the
  // name of the step that the server is to take, "" where there is none.
  #takeHere(direction) {
    const here = this.#newestHere(direction);
    const away = newestAway(this.walk.desk, direction);
    if (!here || (away && away.n > here.n)) return away?.op ?? here?.step.op ?? "";
    const { session, step } = here;
    const { state } = session;
    try {
      const author = this.walk.outbox.nextAuthor();
      session.edit(direction === "undo" ? undoing(state) : redoing(state));
      this.order.set(direction === "undo" ? step.op : author, ++this.turns);
      this.#tell(direction, session, step, author);
      return null;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // What stands in its way was done by others, or to the labels: the server leads past it.
      return step.op;
    }
  }

  // Of the open documents the newest step: {session, step, n, at}. The steps of this page follow
  // each other as they were made, in whatever order they reached the server; others by the
  // numbers that it gave them. What has no number yet is later than all that has one.
  #newestHere(direction) {
    const tops = [...this.walk.desk].flatMap((session) => {
      const step = session.state[direction].at(-1);
      const at = step && this.order.get(step.op);
      return step ? [{ session, step, n: step.n ?? Infinity, at: at ?? 0 }] : [];
    });
    const later = (one, other) => (one.at && other.at ? one.at > other.at : one.n > other.n);
    return tops.reduce((best, one) => (best && !later(one, best) ? best : one), null);
  }

  #tell(direction, session, step, author) {
    const { walk } = this;
    const known = this.made.get(step.op);
    if (known) this.made.set(author, known);
    const turned = session.state[direction === "undo" ? "redo" : "undo"].at(-1).inverse;
    const words = known?.words ?? describeOperation(turned, step.inverse);
    walk.path.returnTo(known?.row, session.document.id);
    walk.note(`${WORDS[direction].done}: ${words}`);
  }

  // What the server did to another document of the list is asked for.
  async #follow(direction, { title, document }) {
    const { walk } = this;
    if (document === null) walk.refresh();
    else if (document !== walk.path.row.document && walk.desk.get(document)) await walk.fetch(document);
    if (document !== null) walk.path.returnTo(null, document);
    const words = `${WORDS[direction].done}: ${title}`;
    walk.note(words);
    const away = document !== null && !walk.data.rows.some((row) => row.document === document);
    if (away) walk.goBackTo(document, words);
  }
}

function newestAway(desk, direction) {
  const found = [...desk].flatMap((session) => session.state.elsewhere[direction] ?? []);
  const away = found.filter(({ document }) => document === null || !desk.get(document));
  return away.sort((a, b) => compare(b.n, a.n))[0] ?? null;
}

// Two numbers that are both without end are the same.
function compare(one, other) {
  return one === other ? 0 : one - other;
}
