// The drop zone: takes files, folders and archives, and shows how far each is on its way.
import { button, count, icon, make, say } from "../elements/elements.js";
import { chosen, dropped } from "./entries.js";
import { Row } from "./row.js";
import { Sender } from "./sender.js";
import { grouped, left, size } from "./words.js";

// The tab remembers each batch, so that a reload finds what has arrived.
const KEPT = "whetstone-uploads-";
const FRAME = 100;

// For each purpose one for the tab: files go on coming in while other pages are looked at.
const takers = new Map();
// The zones that are drawn now: where there are several, a file is for the one it is let go over.
const drawn = new Set();

// What a zone says while it is empty, and with something in it.
const MANY = [
  ["Drop files, a folder or a ZIP here", "Choose files", "Choose a folder"],
  ["Drop more here", "Add files", "Add a folder"],
];
const ONE = [
  ["Drop a file here", "Choose a file", ""],
  ["Drop another one here", "Choose another", ""],
];

/** Return what takes the files for a purpose: {sender, turn}. */
function taker(purpose) {
  if (!takers.has(purpose)) takers.set(purpose, { sender: new Sender(), turn: null });
  return takers.get(purpose);
}

export class Zone {
  constructor(root, { data }) {
    this.rows = new Map();
    this.taker = taker(data.purpose);
    this.sender = this.taker.sender;
    this.kept = KEPT + data.purpose;
    this.about = data;
    drawn.add(this);
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
    const { name, one, accept } = this.about;
    this.input = make("input", { type: "file", hidden: "", "aria-label": name });
    this.input.multiple = !one;
    if (accept) this.input.accept = accept;
    this.folder = make("input", { type: "file", webkitdirectory: "", hidden: "", "aria-label": "Folder" });
    for (const input of [this.input, this.folder]) {
      input.onchange = () => {
        this.take(chosen(input.files));
        input.value = "";
      };
    }
    const choose = one ? "Choose a file" : "Choose files";
    this.pick = button(choose, { caption: choose, onclick: () => this.input.click() });
    this.pickFolder = button("Choose a folder", {
      caption: "Choose a folder", class: "plain", onclick: () => this.folder.click(),
    });
    this.pickFolder.hidden = Boolean(one);
    this.asks = make("span", { class: "asks" });
    this.room = make("small", {});
    const words = make("div", { class: "words" }, this.asks, this.room);
    const buttons = make("div", { class: "group" }, this.pick, this.pickFolder);
    this.target = make("div", { class: "target" }, icon("drop"), words, buttons, this.input, this.folder);
    this.list = make("div", { class: "files", role: "list", "aria-label": "Files that were taken" });
    this.bar = make("progress", { max: "1", "aria-label": "All files" });
    this.sum = make("span", { class: "sum" });
    this.said = make("span", { class: "problem", role: "alert" });
    this.all = button("Remove all files", { caption: "Remove all", class: "plain", onclick: () => this.removeAll() });
    this.foot = make("div", { class: "foot" }, this.sum, this.bar, this.all);
    this.whole = make("div", { class: "tagger uploading" }, this.target, this.said, this.list, this.foot);
  }

  receive({ data, setStateValue }) {
    const { sender } = this;
    this.set = setStateValue;
    this.about = data;
    sender.receive(data);
    sender.free ??= data.free;
    sender.hear = () => this.later();
    sender.renew = () => setStateValue("fresh", Date.now());
    if (this.taker.turn !== data.turn) {
      const first = this.taker.turn === null;
      this.taker.turn = data.turn;
      sender.forget();
      this.told = null;
      const kept = sessionStorage.getItem(this.kept);
      if (first && kept) sender.restore(kept);
      else sessionStorage.removeItem(this.kept);
    }
    this.draw();
  }

  close() {
    for (const [name, hear] of this.hears) window.removeEventListener(name, hear);
    clearTimeout(this.waiting);
    drawn.delete(this);
    this.sender.hear = () => {};
    this.whole.remove();
  }

  // --- what a person does -----------------------------------------------------------------

  over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.lit(this.isMeant(event));
  }

  isMeant(event) {
    return drawn.size === 1 || event.composedPath().includes(this.whole);
  }

  async drop(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.lit(false);
    if (!this.isMeant(event)) return;
    try {
      this.take(await dropped(event.dataTransfer));
    } catch {
      this.sender.problem = "What was dropped cannot be read: choose it with the button.";
      this.draw();
    }
  }

  lit(on) {
    this.target.classList.toggle("lit", on);
  }

  take(given) {
    const { sender } = this;
    if (!given.length) return;
    if (!this.about.one) return sender.add(given);
    if (this.about.most && given[0].file.size > this.about.most) {
      // What is here stays.
      sender.problem = `${given[0].path} has ${size(given[0].file.size)}: ${this.limit()} are read here. Choose a part of it.`;
      return this.draw();
    }
    // Another file takes the place of the one before it.
    sender.remove([...sender.files]);
    sender.add(given.slice(0, 1));
    if (given.length > 1) sender.problem = "One file at a time: the first one was taken.";
    this.draw();
  }

  /** Take a file out; its button goes with it, and the keyboard goes on where files are chosen. */
  remove(files) {
    this.sender.problem = "";
    this.sender.remove(files);
    this.pick.focus();
  }

  removeAll() {
    this.sender.problem = "";
    this.sender.remove([...this.sender.files]);
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
    const { sender } = this;
    if (sender.batch) sessionStorage.setItem(this.kept, sender.batch);
    const { files } = sender;
    const [empty, filled] = this.about.one ? ONE : MANY;
    const [drop, pick, folder] = files.length ? filled : empty;
    this.whole.classList.toggle("filled", files.length > 0);
    say(this.pick, pick);
    say(this.pickFolder, folder);
    say(this.asks, drop);
    say(this.room, this.limit().replace(/^a/, "A"));
    say(this.said, sender.problem);
    this.said.hidden = !sender.problem;
    this.drawFiles(grouped(files));
    this.drawSum();
    this.tell();
  }

  limit() {
    const { most } = this.about;
    if (most) return `at most ${size(most)}`;
    const { free } = this.sender;
    return free === null ? "" : `Any size that fits: ${size(free)} are free here`;
  }

  drawFiles(groups) {
    const shown = new Map();
    const rows = groups.map((group) => {
      const key = group.folder ? `${group.name}/` : group.files[0];
      const row = this.rows.get(key) ?? new Row((files) => this.remove(files));
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
    const { sender } = this;
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
    const { batch, busy, files, removing } = this.sender;
    if (removing) return;
    const whole = files.filter((file) => file.state === "done");
    const told = { batch: batch ?? "", ready: !busy, files: whole.length, last: whole.at(-1)?.n ?? 0 };
    const said = JSON.stringify(busy ? { batch: told.batch, ready: false } : told);
    if (said === (this.told ?? JSON.stringify({ batch: "", ready: true, files: 0, last: 0 }))) return;
    this.told = said;
    this.set("uploaded", told);
  }
}
