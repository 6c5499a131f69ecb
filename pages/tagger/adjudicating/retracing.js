// Undo and redo of what was decided on this page: another reviewer's decision is not taken back by
// a key, and what was decided in a document before is undone there.
import { describeOperation, Refusal, redoing, undoing } from "../document/annotation.js";

const WORDS = { undo: ["Undone", "Nothing of yours to undo here."], redo: ["Redone", "Nothing to redo."] };

/** Takes steps back and repeats them, for one page. */
export class OwnRetracing {
  constructor(walk) {
    this.walk = walk;
    this.trail = [];
  }

  /** Keep in mind that a document was left. */
  leave(document) {
    this.trail = [...this.trail.filter((id) => id !== document), document];
  }

  /** Lists tell of their edits; here the journal's names of steps are enough. */
  note() {}

  /** Take one step, "undo" or "redo". */
  take(direction) {
    const { walk } = this;
    const [done, none] = WORDS[direction];
    const session = walk.desk.get(walk.document);
    const step = session?.state[direction].at(-1);
    const isOwn = step?.op.startsWith(`${walk.outbox.client}:`);
    if (!isOwn && direction === "undo" && this.trail.length) return walk.goTo(this.trail.pop());
    if (!isOwn) return walk.note(none);
    try {
      session.edit(direction === "undo" ? undoing(session.state) : redoing(session.state));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return walk.note(error.message, true);
    }
    walk.render();
    const turned = session.state[direction === "undo" ? "redo" : "undo"].at(-1).inverse;
    return walk.note(`${done}: ${describeOperation(turned, step.inverse)}`);
  }
}
