// The drop zone: takes files, folders and archives, and shows how far each is on its way.
import { button, count, icon, make, say } from "../elements/elements.js";
import { chosen, dropped } from "./entries.js";
import { Row } from "./row.js";
import { Sender } from "./sender.js";
import { grouped, left, size } from "./words.js";

// The tab remembers its batch, so that a reload finds what has arrived.
const KEPT = "whetstone-uploads";
const FRAME = 100;

// One for the tab: files go on coming in while other pages are looked at.
const sender = new Sender();
let turn = null;

export class Zone {
  constructor(root) {
    this.rows = new Map();
    this.build();
    root.append(this.whole);
    this.hears = [
      ["dragenter", (event) => this.over(event)],
      ["dragover", (event) => this.over(event)],
      ["dragleave", (event) => event.relatedTarget === null && this.lit(false)],
      ["drop", (event) => this.drop(event)],
    ];
    // Wherever on the page a file is let go: else the browser would leave the page to show it.
    for (const [name, hear] of this.hears) window.addEventListener(name, hear);
  }

  build() {
    this.input = make("input", { type: "file", multiple: "", hidden: "", "aria-label": "Files" });
    this.folder = make("input", { type: "file", webkitdirectory: "", hidden: "", "aria-label": "Folder" });
    for (const input of [this.input, this.folder]) {
      input.onchange = () => {
        this.take(chosen(input.files));
        input.value = "";
      };
    }
    this.pick = button("Choose files", { caption: "Choose files", onclick: () => this.input.click() });
    this.pickFolder = button("Choose a folder", {
      caption: "Choose a folder", class: "plain", onclick: () => this.folder.click(),
    });
    this.asks = make("span", { class: "asks" }, "Drop files, a folder or a ZIP here");
    this.room = make("small", {});
    const words = make("div", { class: "words" }, this.asks, this.room);
    const buttons = make("div", { class: "group" }, this.pick, this.pickFolder);
    this.target = make("div", { class: "target" }, icon("drop"), words, buttons, this.input, this.folder);
    this.list = make("div", { class: "files", role: "list", "aria-label": "Files to import" });
    this.bar = make("progress", { max: "1", "aria-label": "All files" });
    this.sum = make("span", { class: "sum" });
    this.said = make("span", { class: "problem", role: "alert" });
    this.all = button("Remove all files", { caption: "Remove all", class: "plain", onclick: () => this.removeAll() });
    this.foot = make("div", { class: "foot" }, this.sum, this.bar, this.all);
    this.whole = make("div", { class: "tagger uploading" }, this.target, this.said, this.list, this.foot);
  }

  receive({ data, setStateValue }) {
    this.set = setStateValue;
    sender.receive(data);
    sender.free ??= data.free;
    sender.hear = () => this.later();
    sender.renew = () => setStateValue("fresh", Date.now());
    if (turn !== data.turn) {
      const first = turn === null;
      turn = data.turn;
      sender.forget();
      this.told = null;
      const kept = sessionStorage.getItem(KEPT);
      if (first && kept) sender.restore(kept);
      else sessionStorage.removeItem(KEPT);
    }
    this.draw();
  }

  close() {
    for (const [name, hear] of this.hears) window.removeEventListener(name, hear);
    clearTimeout(this.waiting);
    sender.hear = () => {};
    this.whole.remove();
  }

  // --- what a person does -----------------------------------------------------------------

  over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.lit(true);
  }

  async drop(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.lit(false);
    try {
      this.take(await dropped(event.dataTransfer));
    } catch {
      sender.problem = "What was dropped cannot be read: choose it with the button.";
      this.draw();
    }
  }

  lit(on) {
    this.target.classList.toggle("lit", on);
  }

  take(given) {
    if (given.length) sender.add(given);
  }

  removeAll() {
    sender.problem = "";
    sender.remove([...sender.files]);
    this.pick.focus();
  }

  // --- what is shown ----------------------------------------------------------------------

  /** Draw at most some times a second: many files tell of many steps. */
  later() {
    this.waiting ??= setTimeout(() => {
      this.waiting = null;
      this.draw();
    }, FRAME);
  }

  draw() {
    if (sender.batch) sessionStorage.setItem(KEPT, sender.batch);
    const { files } = sender;
    this.whole.classList.toggle("filled", files.length > 0);
    const caption = files.length ? "Add files" : "Choose files";
    say(this.pick, caption);
    say(this.pickFolder, files.length ? "Add a folder" : "Choose a folder");
    say(this.asks, files.length ? "Drop more here" : "Drop files, a folder or a ZIP here");
    say(this.room, sender.free === null ? "" : `Any size that fits: ${size(sender.free)} are free here`);
    say(this.said, sender.problem);
    this.said.hidden = !sender.problem;
    this.drawFiles(grouped(files));
    this.drawSum();
    this.tell();
  }

  drawFiles(groups) {
    const shown = new Map();
    const rows = groups.map((group) => {
      const key = group.folder ? `${group.name}/` : group.files[0];
      const row = this.rows.get(key) ?? new Row((files) => sender.remove(files));
      row.draw(group);
      shown.set(key, row);
      return row.element;
    });
    this.rows = shown;
    this.list.hidden = !rows.length;
    const same = rows.length === this.list.children.length && rows.every((row, n) => row === this.list.children[n]);
    if (!same) this.list.replaceChildren(...rows);
  }

  drawSum() {
    const { files, busy, received, speed } = sender;
    this.foot.hidden = files.length < 2 && !busy;
    this.bar.hidden = !busy || files.length < 2;
    if (busy) this.bar.value = sender.size ? received / sender.size : 0;
    const done = files.filter((file) => file.state === "done").length;
    const named = done < files.length ? `${done} of ${count(files.length, "file")}` : count(files.length, "file");
    const far = busy ? `${size(received)} of ${size(sender.size)}` : size(sender.size);
    const fast = busy && speed ? [`${size(speed)}/s`, left((sender.size - received) / speed)] : [];
    say(this.sum, [named, far, ...fast].join(" · "));
    say(this.all, busy ? "Cancel" : "Remove all");
  }

  /** Tell the page once what is here: it looks into whole files only. */
  tell() {
    const { batch, busy, files } = sender;
    if (sender.removing) return;
    const whole = files.filter((file) => file.state === "done");
    const told = { batch: batch ?? "", ready: !busy, files: whole.length, last: whole.at(-1)?.n ?? 0 };
    const said = JSON.stringify(busy ? { batch: told.batch, ready: false } : told);
    if (said === (this.told ?? JSON.stringify({ batch: "", ready: true, files: 0, last: 0 }))) return;
    this.told = said;
    this.set("uploaded", told);
  }
}
