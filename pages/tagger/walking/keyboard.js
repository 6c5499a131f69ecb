// The keyboard of a list: whatever was clicked on the page, its keys are for the row. The page
// keeps them while something is typed there and under a dialog; and what the Tab key led to keeps
// those that it may know: a button, a table.
import { isTyping, PageFocus } from "../keys/focus.js";
import { bindKeys, isComposing, readKey } from "../keys/keys.js";

const OF_BUTTONS = ["Enter", "Tab", " "];
const OF_TABLES = ["ArrowUp", "ArrowDown", "Enter", " "];

/** Turns keys into commands of a walk. */
export class Keyboard {
  constructor(walk, signal) {
    this.walk = walk;
    this.bind();
    this.pageFocus = new PageFocus(walk.root.host, signal);
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal, capture: true });
    // Streamlit listens for single keys too: r reruns, c clears its cache.
    walk.frame.root.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    });
  }

  /** Take the keys that the person chose in Settings. */
  bind(chosen = {}) {
    this.keys = bindKeys(this.walk.commands, chosen);
  }

  #onKey(event) {
    const { walk } = this;
    if (walk.deciding.inset.open || isComposing(event) || this.#isOfPage(event)) return;
    const command = readKey(event, walk.keyed, this.keys);
    if (!command || walk.idle(command)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat || walk.commands.get(command)?.repeats) walk.act(command);
  }

  #isOfPage(event) {
    if (this.pageFocus.keeps(event)) return true;
    const source = event.composedPath()[0];
    if (isTyping(source)) return true;
    const inside = this.walk.frame.root.contains(source);
    const led = this.pageFocus.tabbed && !inside && source !== document.body;
    if (led && OF_TABLES.includes(event.key)) return true;
    return source.matches?.("button, a, summary") && OF_BUTTONS.includes(event.key);
  }
}
