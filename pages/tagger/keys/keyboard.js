// The keyboard of the editor: which keydowns are commands, and who has the keyboard.
import { PageFocus } from "./focus.js";
import { bindKeys, isComposing, readKey } from "./keys.js";

// Fields of the tagger read their keys themselves; a list of choices does while it is open.
const FIELDS = "input, textarea, label";
const OPEN_LIST = "select:open";
const OVER = "dialog:modal";
const OF_BUTTONS = ["Enter", "Tab", " "];

/** Turns keys into commands; gives the keyboard back to the text. */
export class Keyboard {
  constructor(editor, signal) {
    this.editor = editor;
    this.bind();
    const { view } = editor.renderer;
    this.pageFocus = new PageFocus(editor.root.host, signal);
    const first = { signal, capture: true };
    view.root.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    document.addEventListener("keydown", (event) => this.#onStrayKey(event), first);
    view.root.addEventListener("mousedown", (event) => this.#keepFocus(event), { signal });
    view.pane.addEventListener("copy", (event) => this.#onCopy(event), { signal });
  }

  /** Take the keys that the person chose in Settings. */
  bind(chosen = {}) {
    this.keys = bindKeys(this.editor.commands, chosen);
  }

  #read(event) {
    return readKey(event, this.editor.data.labels, this.keys);
  }

  #onKey(event) {
    if (isComposing(event)) return;
    // Streamlit listens for single keys too: r reruns, c clears its cache.
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    const source = event.composedPath()[0];
    if (source.matches(FIELDS) || isOpenList(source)) return;
    if (source.matches("button, a") && OF_BUTTONS.includes(event.key)) return;
    this.#carryOut(event);
  }

  #carryOut(event) {
    const command = this.#read(event);
    if (!command) return;
    const { editor } = this;
    // Behind the last span the Tab key leaves the text.
    const ahead = { nextSpan: 1, lastSpan: -1 }[command];
    if (event.key === "Tab" && ahead && editor.ends(ahead)) return;
    event.preventDefault();
    event.stopPropagation();
    // A key held down must not ask for more than is done when it is let go.
    const held = event.repeat && (editor.history.busy || !editor.commands.get(command)?.repeats);
    if (!held) editor.act(command);
  }

  // A click beside the tagger leaves the keyboard with the page: the next key brings it back.
  #onStrayKey(event) {
    const { root } = this.editor;
    if (document.activeElement === root.host || this.pageFocus.keeps(event)) return;
    // What lies under a dialog is not for keys, also where nothing in the dialog has the focus.
    if (root.querySelector(OVER)) return;
    this.#carryOut(event);
    if (!event.defaultPrevented) return;
    this.pageFocus.closeOpened();
    // A command may have opened a field, which then has the keyboard.
    if (!root.activeElement?.matches(FIELDS)) this.take();
  }

  /** Give the text the keyboard. */
  take() {
    this.pageFocus.release();
    this.editor.renderer.focus();
  }

  /** Take the keyboard back from what the page no longer needs it for. */
  takeBack() {
    const { root } = this.editor;
    if (document.activeElement !== root.host && !this.pageFocus.busy) this.take();
  }

  // Buttons act without taking the keyboard away from the text.
  #keepFocus(event) {
    const source = event.composedPath()[0];
    if (source.closest?.(`${FIELDS}, select`)) return;
    const { renderer } = this.editor;
    if (!renderer.view.pane.contains(source)) event.preventDefault();
    renderer.focus();
  }

  #onCopy(event) {
    const { copied } = this.editor;
    if (!copied) return;
    event.clipboardData.setData("text/plain", copied);
    event.preventDefault();
  }
}

// Where a browser cannot tell, a list keeps its keys.
function isOpenList(source) {
  if (!source.matches("select")) return false;
  return !CSS.supports(`selector(${OPEN_LIST})`) || source.matches(OPEN_LIST);
}
