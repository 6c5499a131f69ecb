// One line of the list: a file, or a folder with all that is in it.
import { button, count, icon, make, say } from "../elements/elements.js";
import { size } from "./words.js";

export class Row {
  constructor(remove) {
    this.mark = make("span", { class: "mark" });
    this.name = make("span", { class: "called", dir: "auto" });
    this.far = make("span", { class: "far" });
    this.bar = make("progress", { max: "1" });
    this.trouble = make("small", { class: "problem" });
    this.away = button("Remove", { mark: "close", class: "tool", onclick: () => remove(this.files) });
    const parts = [this.mark, this.name, this.far, this.away, this.bar, this.trouble];
    this.element = make("div", { class: "file", role: "listitem" }, ...parts);
  }

  draw({ name, folder, files }) {
    this.files = files;
    const total = files.reduce((sum, file) => sum + file.size, 0);
    const received = files.reduce((sum, file) => sum + file.received, 0);
    const state = stateOf(files);
    say(this.name, folder ? `${name} (${count(files.length, "file")})` : name);
    this.name.title = name;
    say(this.far, state === "sending" ? `${size(received)} of ${size(total)}` : size(total));
    const going = state === "sending" || state === "waiting";
    this.bar.hidden = !going;
    this.bar.value = total ? received / total : 0;
    this.bar.setAttribute("aria-label", `${name} on its way`);
    const title = `${going ? "Cancel" : "Remove"} ${name}`;
    this.away.title = title;
    this.away.setAttribute("aria-label", title);
    say(this.trouble, files.find((file) => file.trouble)?.trouble ?? (state === "failed" ? LOST : ""));
    this.trouble.hidden = !this.trouble.textContent;
    if (this.element.dataset.state === state) return;
    this.element.dataset.state = state;
    this.mark.replaceChildren(icon(MARKS[state] ?? (folder ? "folder" : "file")));
  }
}

const MARKS = { done: "done", failed: "alert" };
const LOST = "It was not sent to its end: choose it again.";

function stateOf(files) {
  for (const state of ["failed", "sending", "waiting"]) {
    if (files.some((file) => file.state === state)) return state;
  }
  return "done";
}
