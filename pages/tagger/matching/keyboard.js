// The keyboard of a list of answers: whatever was clicked on the page, its keys are for the
// answer. The page keeps them while something is typed there and under a dialog.
import { PageFocus } from "../keys/focus.js";
import { bindKeys, isComposing, readKey } from "../keys/keys.js";
import { COMMANDS } from "./commands.js";

const OF_BUTTONS = ["Enter", "Tab", " "];

/** Turns keys into commands, and the keys of labels into labels. */
export class Keyboard {
  constructor(list, signal) {
    this.list = list;
    this.bind();
    this.pageFocus = new PageFocus(list.root.host, signal);
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal, capture: true });
    // Streamlit listens for single keys too: r reruns, c clears its cache.
    list.element.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    });
  }

  /** Take the keys that the person chose in Settings. */
  bind(chosen = {}) {
    this.keys = bindKeys(COMMANDS, chosen);
  }

  #onKey(event) {
    const { list } = this;
    if (!list.row || isComposing(event) || this.pageFocus.keeps(event)) return;
    const source = event.composedPath()[0];
    if (source.matches?.("button, a, summary") && OF_BUTTONS.includes(event.key)) return;
    const command = readKey(event, list.data.labels, this.keys);
    if (!command) return;
    event.preventDefault();
    event.stopPropagation();
    const held = event.repeat && !COMMANDS.get(command)?.repeats;
    if (!held) list.act(command);
  }
}
