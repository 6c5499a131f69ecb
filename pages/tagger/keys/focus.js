// Who has the keyboard beside the tagger: the page only while something is typed there, a list
// or a dialog is open, or a person walks through the page with the Tab key.

const TEXTLESS = ["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit"];
const OPEN_LIST = "[role=menu], [role=listbox]";
const OPENED = "[aria-haspopup][aria-expanded=true]";
// What belongs to a button, a link or a list that was reached by the Tab key.
const OF_CONTROLS = ["Enter", " ", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"];

/** Knows which part of the page has the focus outside of one tagger, whose host is given. */
export class PageFocus {
  constructor(host, signal) {
    this.host = host;
    // Whether the Tab key led to what has the keyboard; a click leaves it there by chance.
    this.tabbed = false;
    const first = { signal, capture: true };
    document.addEventListener("keydown", ({ key }) => (this.tabbed ||= key === "Tab"), first);
    document.addEventListener("pointerdown", () => this.release(), first);
  }

  /** Forget that the Tab key led somewhere. */
  release() {
    this.tabbed = false;
  }

  /** Tell whether a key belongs to the page. */
  keeps({ key }) {
    const { activeElement } = document;
    if (this.#isShut() || isTyping(activeElement, this.tabbed)) return true;
    if (activeElement?.closest(OPEN_LIST) || key === "Tab") return true;
    if (key === "Escape" && this.#opened()) return true;
    return this.tabbed && activeElement?.matches("button, a, input, [role]") && OF_CONTROLS.includes(key);
  }

  /** Tell whether the page needs the keyboard, now that it has run again. */
  get busy() {
    const { activeElement } = document;
    const used = this.tabbed && activeElement !== this.host;
    return used || this.#isShut() || isTyping(activeElement) || Boolean(this.#opened());
  }

  /** Close what is open over the page: the keyboard has gone to the text. */
  closeOpened() {
    this.#opened()?.click();
  }

  // What another view has replaced the framework hides before it takes it away.
  #isShut() {
    return isShutOff(this.host) || !this.host.checkVisibility();
  }

  #opened() {
    return document.querySelector(OPENED);
  }
}

/** Tell whether something is under a dialog, or beside an open list of choices: the framework
 *  shuts everything off then. */
export function isShutOff(host) {
  return host.closest("[inert], [aria-hidden=true]") !== null;
}

/** Tell whether an element takes text. A closed box of choices takes none, unless the person
 *  went there with the Tab key. */
export function isTyping(element, tabbed = false) {
  if (!element?.matches("input, textarea, [contenteditable=true]")) return false;
  if (TEXTLESS.includes(element.type) || element.readOnly) return false;
  return tabbed || element.getAttribute("aria-expanded") !== "false";
}
