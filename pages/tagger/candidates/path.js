// The way through the candidates of a left text, from one that is not answered to the next.
import { Path } from "../walking/path.js";

/** The way through one list of candidates. */
export class CandidatePath extends Path {
  constructor(walk) {
    super(walk);
    this.finished = new Set();
  }

  /** Begin with the pair that was asked for: where nobody has answered it, or it is gone back to. */
  open(another) {
    const { landing, row: before, walk } = this;
    super.open(another);
    const { rows, at } = walk.data;
    // Of a list that was ordered anew, who was at a pair stays there.
    if (before && this.row.id === before.id && walk.wanted !== at) return;
    const asked = rows.find(({ document }) => document === at);
    if (asked && !landing && (walk.wanted === at || !walk.outcome(asked))) this.row = asked;
  }

  /** The other pages with a candidate that nobody has answered. What was answered here may not
   *  have been stored when the page was made. */
  get others() {
    const { list, page, waiting } = this.walk.data;
    const isOpen = (each) => each !== page && !this.finished.has(`${list}/${each}`);
    return waiting.filter(isOpen);
  }

  /** Go to the next candidate that nobody has answered, over the pages; tell whether one is left. */
  goOn() {
    const { walk, others } = this;
    const { rows, page } = walk.data;
    const isOpen = (row) => !walk.outcome(row);
    const at = rows.indexOf(this.row);
    const next = rows.slice(at + 1).find(isOpen);
    const further = others.find((each) => each > page);
    const before = rows.slice(0, at).find(isOpen);
    if (next) this.goTo(next);
    else if (further) this.turn(further);
    else if (before) this.goTo(before);
    else if (others.length) this.turn(others[0]);
    else return false;
    return true;
  }

  /** Note whether all of this page is answered. */
  settle() {
    const { list, page, rows } = this.walk.data;
    const isDone = rows.every((row) => this.walk.outcome(row));
    this.finished[isDone ? "add" : "delete"](`${list}/${page}`);
  }
}
