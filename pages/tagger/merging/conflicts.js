// What becomes of edits that the server did not take: compared with what it has, or discarded.
import { count } from "../elements/elements.js";
import { Comparison } from "./comparison.js";

/** Decides it for one editor. */
export class Conflicts {
  constructor(editor) {
    this.editor = editor;
    this.comparison = new Comparison({
      chosen: (comparison, choices, caption) => this.#merge(comparison, choices, caption),
      putOff: () => editor.render(),
    });
  }

  /** The dialog, to be put over the text. */
  get root() {
    return this.comparison.root;
  }

  /** Show the conflict of the open document where it has one, else close. */
  follow() {
    const { session, renderer } = this.editor;
    this.comparison.follow(session, renderer.shades);
  }

  /** What can be done about edits that wait. */
  get choices() {
    const { editor, comparison } = this;
    return {
      // While the merge view is open nothing is said beside it: the text must not move.
      compare: comparison.waits(editor.session.lane) ? () => this.#compare() : null,
      discard: (lane) => editor.attempt(() => this.#discard(lane)),
      open: (id) => editor.attempt(() => editor.pager.open(id)),
    };
  }

  #discard(lane) {
    const { outbox, session } = this.editor;
    outbox.discard(lane);
    session.derive();
  }

  #compare() {
    this.comparison.resume();
    this.editor.render();
  }

  #merge(comparison, choices, caption) {
    const { editor } = this;
    const { lost } = comparison;
    editor.attempt(() => {
      editor.session.merge(comparison, choices);
      if (lost) editor.notice = `${count(lost, "change")} no longer applied and went.`;
    });
    if (caption && !lost) editor.tell(`${caption}: done`);
    editor.renderer.focus();
  }
}
