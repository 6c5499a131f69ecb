// The panel that lists the keys, as they are bound here.
import { capOf } from "./keys.js";
import { make } from "../elements/elements.js";

/** Make the empty panel with its way out. */
export function makeHelp(close) {
  const head = make("div", { class: "row" }, make("strong", {}, "Keys"), close);
  const panel = { class: "help", popover: "manual", role: "dialog", "aria-label": "Keys" };
  return make("div", panel, head, make("dl"));
}

/** List what the pointer does, and the keys of the commands; what has none is not listed. */
export function fillHelp(panel, commands, keys, pointer) {
  const bound = [...commands.values()].filter(({ name, help }) => help && keys.get(name).length);
  const rows = bound.map(({ name, help }) => [keys.get(name).map(capOf), help]);
  const cells = [...pointer, ...rows].map(([caps, what]) => {
    const term = make("dt", {}, ...caps.map((cap) => make("kbd", {}, cap)));
    return make("div", {}, term, make("dd", {}, what));
  });
  panel.querySelector("dl").replaceChildren(...cells);
}
