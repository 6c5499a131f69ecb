// What a reviewer does to the current place: takes somebody's side, or all of them, or edits it.
import { Refusal } from "../document/annotation.js";
import { Deciding } from "../walking/deciding.js";
import { settling, taking, together } from "./settling.js";

/** Decides about places, for one page. */
export class PlaceDeciding extends Deciding {
  /** Let these marks stand in the place and no others of it, as one step, and go on. */
  take(marks, words = "nothing is labelled here") {
    const { walk } = this;
    const { row } = walk.path;
    return this.#step(row, (session) => {
      return taking(row, marks, session.state, session.rules, walk.agreed);
    }, words);
  }

  /** Let all that people have here stand. */
  takeAll() {
    const { walk } = this;
    const { row } = walk.path;
    return this.#step(row, (session) => {
      return taking(row, together(row, session.rules), session.state, session.rules, walk.agreed);
    }, "all of it stands");
  }

  async #step(row, stepsOf, words) {
    const { walk } = this;
    const session = await walk.session(row);
    if (!session || walk.path.row !== row) return;
    try {
      const steps = stepsOf(session);
      if (steps.length) session.editAll(steps);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      walk.note(error.message, true);
      return;
    }
    walk.render();
    const more = walk.path.goOn();
    walk.render();
    walk.note(more ? `Taken: ${words}` : walk.finished());
  }

  /** What stands now settles the place. */
  goOnFrom(row, session, changed) {
    const { walk } = this;
    if (!changed) return walk.path.goTo(row);
    const steps = settling(row, session.state, session.rules, walk.agreed);
    if (steps.length) session.editAll(steps);
    const more = walk.path.goOn();
    walk.render();
    return walk.note(more ? "Edited" : walk.finished());
  }
}
