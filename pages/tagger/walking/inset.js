// The small tagger in a row: the tagger itself, on that row's document, until Escape ends it.
import { editorOf } from "../modes.js";
import { button } from "../elements/elements.js";

/** Opens and closes the tagger in a row; `left()` is called when the person is done. */
export class Inset {
  constructor(walk, left) {
    this.walk = walk;
    this.left = left;
    this.editor = null;
    this.row = null;
  }

  get open() {
    return this.editor !== null;
  }

  /** Mount the tagger in the place of a row's text. */
  show(row, place) {
    const { root, outbox } = this.walk;
    this.row = row;
    const Mode = editorOf(this.walk.data);
    this.editor = new Mode(root, outbox, { place, leave: () => this.left() });
    this.editor.renderer.view.root.classList.add("small");
    const props = { caption: "Back to the list", key: "Esc", class: "action leave" };
    this.back = button("Back to the list (Esc)", { ...props, onclick: () => this.left() });
    place.append(this.back);
    this.receive(focusOf(row));
    this.editor.keyboard.take();
  }

  /** Hand on what the page sent. */
  receive(focus = null) {
    if (!this.editor) return;
    const { walk } = this;
    const { data } = walk;
    const row = (this.row = walk.rowOf(this.row.id));
    const queue = { name: data.key, title: "", detailed: true, why: "", ids: [row.document] };
    this.editor.receive({
      data: {
        ...data,
        ...walk.desk.describe(row.document),
        queue: { ...queue, index: 0, total: 1, open: [], left: 0 },
        suggestions: row.predicted.length ? { run: 0, spans: row.predicted } : null,
        focus,
      },
      // The tagger asks for its own document again where labels have changed.
      setStateValue: (name, { document }) =>
        document === row.document ? walk.refresh() : walk.open(document),
    });
  }

  /** Let the outbox's news reach the tagger. */
  listener() {
    return this.editor?.listener() ?? {};
  }

  close() {
    this.editor?.close();
    this.back?.remove();
    this.editor = this.row = null;
  }
}

// What the row is about is selected: a digit then says what it is.
function focusOf({ given, suggested }) {
  const place = given ?? suggested;
  return place && { start: place.start, end: place.end, label: place.label };
}
