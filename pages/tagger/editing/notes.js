// What a person notes about a whole document: a flag, and a comment.
import { isComposing } from "../keys/keys.js";
import { button, make, say } from "../elements/elements.js";

const DRAFT = "whetstone:draft:";
const LONGEST = 2000;

/** The flag and the comment of the open document, with the field to write in. */
export class Notes {
  constructor(editor) {
    this.editor = editor;
    this.draftAt = "";
    this.loose = new Map();
    this.field = make("textarea", {
      rows: "3",
      maxlength: LONGEST,
      "aria-label": "Comment on this document",
      placeholder: "A comment on this document",
      oninput: () => this.#keep(),
      onkeydown: (event) => this.#onKey(event),
    });
    const props = (caption, more, onclick) => ({ caption, class: `action${more}`, onclick });
    const save = button("Save (Enter)", props("Save", " main", () => this.#save()));
    const later = button("Close and keep as a draft (Esc)", props("Close", "", () => this.close()));
    this.said = make("small", {}, "Enter saves · Shift Enter starts a line");
    const foot = make("div", { class: "row" }, this.said, make("div", { class: "group" }, later, save));
    const panel = { class: "notes", popover: "manual", role: "dialog", "aria-label": "Comment" };
    this.element = make("div", panel, this.field, foot);
    this.element.onmousedown = (event) => {
      event.stopPropagation();
      if (event.target !== this.field) event.preventDefault();
    };
  }

  /** Put the flag up, or take it down. */
  flag() {
    const flagged = !this.editor.session.state.flagged;
    this.editor.session.edit({ kind: "flag", flagged });
    this.editor.tell(flagged ? "Flagged" : "Flag taken off");
  }

  /** Open the field with the draft, or with the comment; `then` is done once it is saved. */
  open(then = null) {
    const { renderer } = this.editor;
    this.then = then;
    this.field.value = this.draft ?? this.editor.session.state.comment;
    this.element.showPopover();
    renderer.placePanel(this.element, null, true);
    this.field.focus({ preventScroll: true });
    this.field.select();
  }

  /** Close the field; what was typed stays a draft. Tell whether it was open. */
  close() {
    const open = this.element.matches(":popover-open");
    if (open) {
      this.element.hidePopover();
      this.editor.renderer.focus();
      this.editor.render();
    }
    return open;
  }

  /** Turn to the document that is open now. */
  turn() {
    const { key } = this.editor.session.lane;
    if (this.element.matches(":popover-open")) this.element.hidePopover();
    this.draftAt = `${DRAFT}${key}`;
  }

  /** What was typed and not saved, or null. */
  get draft() {
    return this.loose.get(this.draftAt) ?? this.editor.outbox.storage?.getItem(this.draftAt) ?? null;
  }

  #keep() {
    const { value } = this.field;
    if (value === this.editor.session.state.comment) return this.#drop();
    this.loose.set(this.draftAt, value);
    try {
      this.editor.outbox.storage.setItem(this.draftAt, value);
    } catch {
      // Full or forbidden: the draft then lives as long as the page.
    }
  }

  #drop() {
    this.loose.delete(this.draftAt);
    this.editor.outbox.storage?.removeItem(this.draftAt);
  }

  #onKey(event) {
    if (isComposing(event)) return;
    event.stopPropagation();
    const save = event.key === "Enter" && !event.shiftKey;
    if (!save && event.key !== "Escape") return;
    event.preventDefault();
    if (save) this.#save();
    else this.close();
  }

  #save() {
    const comment = this.field.value.trim();
    const { session } = this.editor;
    this.editor.attempt(() => {
      if (comment !== session.state.comment) session.edit({ kind: "comment", comment });
      this.#drop();
      this.editor.tell(comment ? "Comment saved" : "Comment deleted");
    });
    this.close();
    this.then?.();
  }
}

/** Show flag and comment in the header; a draft says that it is one. */
export function showNotes({ flag, comment }, { flagged, comment: text }, draft) {
  flag.setAttribute("aria-pressed", flagged);
  comment.setAttribute("aria-pressed", Boolean(text));
  const shown = draft === null ? text : `Draft: ${draft}`;
  const words = comment.querySelector("span");
  say(words, shown);
  words.hidden = !shown;
  words.title = shown;
}
