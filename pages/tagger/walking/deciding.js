// What a person does to the current row: decides about it by one key, or edits it in place.
import { Refusal } from "../document/annotation.js";
import { clip } from "../document/offsets.js";
import { isWhole } from "../document/places.js";
import { DECISIONS } from "../rows/decisions.js";
import { Inset } from "./inset.js";

const WORDS = { accept: "accepted", keep: "kept", neither: "both wrong", ask: "asked about" };

/** Decides about rows, for one walk. */
export class Deciding {
  constructor(walk) {
    this.walk = walk;
    this.inset = new Inset(walk, () => this.endEdit());
  }

  /** Decide about the row, as one step, and go on to the next that is undecided. */
  async decide(kind) {
    const { walk } = this;
    const { row } = walk.path;
    const session = await walk.session(row);
    if (!session || walk.path.row !== row) return;
    const author = walk.outbox.nextAuthor();
    if (!this.#take(kind, row, session)) return;
    const words = `${WORDS[kind]} “${clip(quoteOf(row, session))}”`;
    walk.retracing.note(author, row.id, words);
    walk.desk.endRedoing(session.lane);
    walk.render();
    if (kind === "neither") await this.edit(true);
    else walk.path.goOn();
    walk.note(words[0].toUpperCase() + words.slice(1));
  }

  #take(kind, row, session) {
    try {
      const steps = DECISIONS[kind](row, session.state, session.rules);
      if (steps.length) session.editAll(steps);
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.walk.note(error.message, true);
      return false;
    }
  }

  /** Open the small tagger in the row; `anew`: something is to be labelled there. */
  async edit(anew = false) {
    const { walk } = this;
    const { row } = walk.path;
    const session = await walk.session(row);
    if (!session || walk.path.row !== row || this.inset.open) return;
    this.before = session.state.revision;
    const view = walk.views.get(row.id);
    this.inset.show(row, view.lend(true));
    walk.render();
    view.reveal();
    if (anew) this.inset.editor.askAnew();
  }

  /** Open the row, and what makes what it is about an example in the guideline. */
  async exemplify() {
    await this.edit();
    this.inset.editor?.act("example");
  }

  /** The person is done editing in the row. */
  endEdit() {
    const { walk } = this;
    const { row, editor } = this.inset;
    walk.desk.follow(editor.session);
    this.putAway();
    const session = walk.desk.get(row.document);
    session?.derive();
    const changed = session && session.state.revision !== this.before;
    return this.goOnFrom(row, session, changed);
  }

  /** On to the next row if anything is decided. */
  goOnFrom(row, session, changed) {
    const { walk } = this;
    if (changed) walk.desk.endRedoing(session.lane);
    walk.tellPage();
    if (changed || walk.outcome(row) === "both wrong") walk.path.goOn();
    else walk.path.goTo(row);
  }

  /** Close the small tagger where it is open. */
  putAway() {
    const { row } = this.inset;
    this.inset.close();
    if (row) this.walk.views.get(row.id)?.lend(false);
  }
}

// The words that a row is about; of a whole document those that it begins with.
function quoteOf({ given, suggested }, { rules }) {
  const place = given ?? suggested;
  return isWhole(place) ? rules.offsets.text : rules.offsets.slice(place.start, place.end);
}
