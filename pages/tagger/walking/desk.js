// The documents of the rows: one session each, shared by what is decided in the list and by the
// small tagger in a row. Short documents come with the page, long ones are asked for.
import { writeState } from "../document/annotation.js";
import { Session } from "../editing/session.js";

/** Holds the open documents of one list. */
export class Desk {
  constructor(outbox) {
    this.outbox = outbox;
    this.sessions = new Map();
  }

  /** Take what the page sent: what it no longer has is put away. */
  receive(data) {
    this.data = data;
    const wanted = new Set(data.rows.map(({ document }) => document));
    for (const id of this.sessions.keys()) if (!wanted.has(id)) this.sessions.delete(id);
    const sent = new Set(data.opened.map(({ document }) => document.id));
    for (const opened of data.opened) this.put(opened);
    // Those that were asked for hear of new labels and rules.
    for (const id of this.sessions.keys()) {
      if (!sent.has(id)) this.sessions.get(id).receive(this.describe(id));
    }
  }

  /** Take a document as the server has it. */
  put({ document, state }) {
    const filled = this.#filled({ document, state });
    const known = this.sessions.get(document.id);
    if (known?.shows(filled)) known.receive(filled);
    else this.sessions.set(document.id, new Session(filled, this.outbox));
    return this.sessions.get(document.id);
  }

  /** Return what the small tagger needs of a document. */
  describe(id) {
    const session = this.sessions.get(id);
    return this.#filled({ document: session.document, state: stateOf(session) });
  }

  /** Take what another session of one of the documents has heard from the server. */
  follow(other) {
    const session = other && this.get(other.document.id);
    if (session && other.base.revision > session.base.revision) session.base = other.base;
  }

  /** A new edit ends all redoing, in every document but its own, which knows. */
  endRedoing(lane) {
    for (const session of this) {
      if (session.lane !== lane && session.base.redo.length) {
        session.base = { ...session.base, redo: [] };
        session.derive();
      }
    }
  }

  get(id) {
    return this.sessions.get(id) ?? null;
  }

  of(lane) {
    return [...this.sessions.values()].find((session) => session.lane === lane) ?? null;
  }

  [Symbol.iterator]() {
    return this.sessions.values();
  }

  #filled(opened) {
    const { token, endpoint, labels, allow_overlaps, marks_whole, edits } = this.data;
    return { token, endpoint, labels, allow_overlaps, marks_whole, edits, ...opened };
  }
}

// What the server last confirmed, as it would send it.
function stateOf({ base }) {
  const { undo, redo, elsewhere } = base;
  return { ...writeState(base), undo, redo, elsewhere };
}
