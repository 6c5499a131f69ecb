// The keyboard at the desk: which keydowns are commands, and who has the keyboard.
import { COMMANDS } from "./commands.js";
import { bindKeys, isComposing, readKey } from "./keys.js";

// Fields of the tagger read their keys themselves.
const FIELDS = "input, textarea, select, label";

/** Turns keys into commands; gives the keyboard back to the text. */
export class Keyboard {
  constructor(desk, signal) {
    this.desk = desk;
    this.bind();
    const { view } = desk.stage;
    const first = { signal, capture: true };
    view.root.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    document.addEventListener("keydown", (event) => this.#onStrayKey(event), first);
    view.root.addEventListener("mousedown", (event) => this.#keepFocus(event), { signal });
    view.pane.addEventListener("copy", (event) => this.#onCopy(event), { signal });
  }

  /** Take the keys that the person chose in Settings. */
  bind(chosen = {}) {
    this.keys = bindKeys(COMMANDS, chosen);
  }

  #read(event) {
    return readKey(event, this.desk.data.labels, this.keys);
  }

  #onKey(event) {
    if (isComposing(event)) return;
    // Streamlit listens for single keys too: r reruns, c clears its cache.
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    const source = event.composedPath()[0];
    if (source.matches(FIELDS)) return;
    const command = this.#read(event);
    if (!command || (source.matches("button, a") && ["Enter", "Tab"].includes(event.key))) return;
    const { desk } = this;
    // Behind the last span the Tab key leaves the text.
    const ahead = { nextSpan: 1, lastSpan: -1 }[command];
    if (event.key === "Tab" && ahead && !desk.selection.beside(ahead)) return;
    event.preventDefault();
    event.stopPropagation();
    // A key held down must not ask for more than is done when it is let go.
    const held = event.repeat && (desk.history.busy || !COMMANDS.get(command)?.repeats);
    if (!held) desk.act(command);
  }

  // A click beside the tagger leaves the keyboard with the page: the next key brings it back.
  #onStrayKey(event) {
    const { activeElement } = document;
    const { root, stage } = this.desk;
    const { host } = root;
    if (activeElement === host || !activeElement?.contains(host) || event.key === "Tab") return;
    if (this.#read(event)) this.#onKey(event);
    // A command may have opened a field, which then has the keyboard.
    if (event.defaultPrevented && !root.activeElement?.matches(FIELDS)) stage.focus();
  }

  // Buttons act without taking the keyboard away from the text.
  #keepFocus(event) {
    const source = event.composedPath()[0];
    if (source.closest?.(FIELDS)) return;
    const { stage } = this.desk;
    if (!stage.view.pane.contains(source)) event.preventDefault();
    stage.focus();
  }

  #onCopy(event) {
    const { selection, marker } = this.desk;
    const copied = selection.range ?? selection.span;
    if (!copied) return;
    event.clipboardData.setData("text/plain", marker.quote(copied));
    event.preventDefault();
  }
}
