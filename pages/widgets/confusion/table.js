// The confusion table: a tool bar, the table in a frame that scrolls by itself, the most frequent
// confusions beside it. Names come from people, and only ever become text.

const tables = new WeakMap();

export default function show({ parentElement, data, setStateValue }) {
  if (!tables.has(parentElement)) tables.set(parentElement, new Table(parentElement));
  const table = tables.get(parentElement);
  table.choose = (part) => setStateValue("cell", { ...part, at: Date.now() });
  table.receive(data);
  return () => {
    tables.delete(parentElement);
    table.close();
  };
}

class Table {
  constructor(root) {
    this.root = root;
    this.zoomed = null;
    this.at = [0, 0];
    this.build();
    this.watching = new ResizeObserver(() => this.lay());
    this.watching.observe(this.both);
    this.onResize = () => this.lay();
    window.addEventListener("resize", this.onResize);
  }

  close() {
    this.watching.disconnect();
    window.removeEventListener("resize", this.onResize);
    this.whole.remove();
  }

  build() {
    const button = (text, title, onclick) =>
      element("button", { type: "button", title, "aria-label": title, onclick }, text);
    this.orders = element("select", { "aria-label": "Order of the labels" });
    this.orders.onchange = () => this.redraw();
    this.shares = button("%", "Show shares of a row", () => {
      this.shares.setAttribute("aria-pressed", this.shares.ariaPressed !== "true");
      this.redraw();
    });
    this.shares.setAttribute("aria-pressed", "false");
    this.smaller = button("−", "Smaller", () => this.zoom(false));
    this.larger = button("+", "Larger", () => this.zoom(true));
    this.all = button("Whole", "Show the whole table", () => this.zoomTo(null));
    this.folds = button("", "Show labels of one group as one", () => this.foldAll());
    this.hint = element("span", { class: "hint" });
    this.tools = element(
      "div", { class: "tools" },
      element("label", {}, "Order ", this.orders), this.shares, this.folds,
      element("span", { class: "group" }, this.smaller, this.larger, this.all), this.hint,
    );
    this.corner = element("div", { class: "corner" });
    this.plane = element("div", { class: "plane" });
    const about = "Confusion table: gold labels as rows, predicted labels as columns. " +
      "Arrow keys walk, Enter opens, F folds and unfolds a group.";
    this.sight = element("div", { class: "sight", tabindex: "0", role: "group", "aria-label": about });
    this.sight.append(this.plane);
    this.mistakes = new Mistakes((part) => this.open(part));
    this.tip = element("div", { class: "tip", hidden: true });
    this.said = element("div", { class: "said", "aria-live": "polite" });
    this.both = element("div", { class: "both" }, this.sight, this.mistakes.root);
    this.whole = element("div", { class: "confusion" }, this.tools, this.both, this.tip, this.said);
    this.hear();
    this.root.append(this.whole);
  }

  hear() {
    this.plane.onclick = (event) => this.click(event);
    this.plane.onpointermove = (event) => this.hover(event);
    this.plane.onpointerleave = () => (this.tip.hidden = true);
    this.sight.onkeydown = (event) => this.key(event);
    this.sight.onblur = () => this.cursor?.remove();
    this.sight.onwheel = (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.zoom(event.deltaY < 0, event);
    };
  }

  receive(data) {
    const drawn = JSON.stringify({ ...data, part: 0, marked: 0 });
    this.data = data;
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      const titles = data.orders.map(([title]) => title);
      const chosen = titles.includes(this.orders.value) ? this.orders.value : data.order;
      this.orders.replaceChildren(...titles.map((title) => element("option", {}, title)));
      this.orders.value = chosen;
      const branches = JSON.stringify(data.branches);
      if (branches !== this.branches) {
        this.branches = branches;
        this.folded = new Set(data.folded ? data.branches.map(([side]) => side) : []);
      }
      this.redraw();
    }
    this.mark();
  }

  /** Fold all branches, or unfold them where all are folded. */
  foldAll() {
    const sides = this.data.branches.map(([side]) => side);
    const all = sides.every((side) => this.folded.has(side));
    this.folded = new Set(all ? [] : sides);
    this.zoomed = null;
    this.redraw();
  }

  /** Fold one branch, or unfold it. */
  twist(side) {
    if (!this.folded.delete(side)) this.folded.add(side);
    this.redraw();
  }

  redraw() {
    const shown = fold(this.data, this.folded);
    const [, order] = shown.orders.find(([title]) => title === this.orders.value);
    this.drawing = new Plane(shown, order, this.shares.ariaPressed === "true");
    const { body, rows, columns } = this.drawing;
    this.longest = widest([...shown.labels, shown.titles.missed, shown.titles.spurious]) + (this.data.branches.length ? 18 : 0);
    this.folds.hidden = !this.data.branches.length;
    this.folds.textContent = this.data.branches.every(([side]) => this.folded.has(side)) ? "Unfold" : "Fold";
    const { titles } = this.data;
    const corner = [titles.predicted, titles.gold].map((title) => element("span", {}, title));
    this.corner.replaceChildren(...corner);
    this.plane.replaceChildren(this.corner, columns, rows, body);
    this.mistakes.draw(this.data);
    this.lay();
    this.mark();
  }

  mark() {
    const { part } = this.data;
    const { line } = this.drawing.data;
    const marked = once(this.data.marked.map(([row, column]) => [line[row], line[column]]));
    const one = this.drawing.mark(marked, part);
    const shown = JSON.stringify(part);
    if (one && shown !== this.shown) this.reveal(one);
    this.shown = shown;
    this.marked = one;
    this.mistakes.mark(part);
  }

  /** Scroll the frame, and nothing around it, until a cell is in sight. */
  reveal(cell) {
    const [names, top] = [this.corner.offsetWidth, this.corner.offsetHeight];
    const { offsetLeft: x, offsetTop: y } = cell;
    const { clientWidth: width, clientHeight: height, scrollLeft, scrollTop } = this.sight;
    const away = (at, size, from, length) =>
      at < from ? at : at + size > from + length ? at + size - length : from;
    this.sight.scrollTo(
      away(x, cell.offsetWidth, scrollLeft, width - names),
      away(y, cell.offsetHeight, scrollTop, height - top),
    );
  }

  // --- sizes ----------------------------------------------------------------------------

  /** Give every cell its size. */
  lay() {
    if (!this.drawing || !this.both.clientWidth) return;
    const size = this.drawing.size;
    const beside = this.both.clientWidth >= 640;
    this.whole.classList.toggle("beside", beside);
    const room = { width: this.both.clientWidth - (beside ? 236 : 0), height: this.height() };
    const long = Math.max(78, Math.ceil(this.longest) + 10);
    const flat = size <= 4 && room.width > 420;
    const names = { width: Math.min(150, long), height: flat ? 34 : Math.min(120, long) };
    this.fitting = fit(size, names, room);
    const cell = this.zoomed ?? this.fitting;
    this.cell = cell;
    const shown = cell.named ? names : { width: EDGE, height: EDGE };
    const style = this.plane.style;
    style.setProperty("--width", `${cell.width}px`);
    style.setProperty("--height", `${cell.height}px`);
    style.setProperty("--size", size);
    style.setProperty("--names", `${shown.width}px`);
    style.setProperty("--top", `${shown.height}px`);
    style.setProperty("--letters", `${Math.min(14, Math.max(9.5, Math.min(cell.height * 0.55, cell.width * 0.42)))}px`);
    this.sight.style.maxHeight = `${Math.max(240, room.height)}px`;
    const looks = { flat, far: !cell.readable, bare: !cell.named, sparse: size > ALL_DRAWN };
    for (const [name, wanted] of Object.entries(looks)) this.plane.classList.toggle(name, wanted);
    this.all.disabled = this.smaller.disabled = !this.zoomed;
    this.larger.disabled = cell.height >= Math.max(CLOSER.at(-1), this.fitting.height) - 1;
    this.hint.textContent = cell.readable ? "" : "Click in the table to look closer.";
  }

  /** Return how high the table may be: what is around it stays in sight. */
  height() {
    let around = this.root.host ?? this.root;
    while (around && !/auto|scroll/.test(getComputedStyle(around).overflowY)) {
      around = around.parentElement;
    }
    return (around?.clientHeight ?? window.innerHeight) - this.tools.offsetHeight - 64;
  }

  zoom(larger, event) {
    this.zoomTo(step(this.cell, this.fitting, larger), event);
  }

  /** Show cells of a size; what was under the pointer, or in the middle, stays there. */
  zoomTo(size, event) {
    const box = this.sight.getBoundingClientRect();
    const [x, y] = event ? [event.clientX - box.left, event.clientY - box.top] : [box.width / 2, box.height / 2];
    const place = (along, scroll, names, cell) => (along + scroll - names) / cell;
    const [column, row] = event || this.zoomed ? [
      place(x, this.sight.scrollLeft, this.corner.offsetWidth, this.cell.width),
      place(y, this.sight.scrollTop, this.corner.offsetHeight, this.cell.height),
    ] : this.middle();
    this.zoomed = size;
    this.lay();
    // The names may be larger now than what was looked at: it stands beside them, not below.
    const beyond = (along, names, cell) => Math.max(0, names + cell - along);
    const { offsetWidth: names, offsetHeight: top } = this.corner;
    this.sight.scrollTo(
      column * this.cell.width + names - x - beyond(x, names, this.cell.width),
      row * this.cell.height + top - y - beyond(y, top, this.cell.height),
    );
    this.tip.hidden = true;
  }

  /** Return what is looked at in the whole table: the open cell, else the middle of the diagonal. */
  middle() {
    const { marked, cell } = this;
    if (!marked) return [this.drawing.size / 2, this.drawing.size / 2];
    return [
      (marked.offsetLeft + marked.offsetWidth / 2) / cell.width,
      (marked.offsetTop + marked.offsetHeight / 2) / cell.height,
    ];
  }

  // --- what people do --------------------------------------------------------------------

  /** Return row and column of a place on the screen; -1 is a head, beyond the last a total. */
  place(event) {
    const box = this.drawing.body.getBoundingClientRect();
    const last = this.drawing.size;
    const along = (at, size) => {
      if (at >= (last + 1) * size + APART) return last + 1;
      return Math.min(Math.floor(at / size), last);
    };
    const target = this.sight.getBoundingClientRect();
    const inHeads = (at, from, head) => at - from < head;
    const { offsetWidth: names, offsetHeight: top } = this.corner;
    const column = inHeads(event.clientX, target.left, names) ? -1 : along(event.clientX - box.left, this.cell.width);
    const row = inHeads(event.clientY, target.top, top) ? -1 : along(event.clientY - box.top, this.cell.height);
    return [row, column];
  }

  click(event) {
    const twist = event.target.closest?.(".twist");
    if (twist) return this.twist(twist.dataset.branch);
    const place = this.place(event);
    if (!this.cell.readable && place[0] >= 0 && place[1] >= 0) {
      this.zoomTo(sized(READABLE.width * 1.3, READABLE.height * 1.3), event);
      return;
    }
    this.at = place;
    const part = this.drawing.part(...place);
    if (part) this.open(part);
  }

  open(part) {
    this.shown = JSON.stringify(part);
    this.choose(part);
  }

  hover(event) {
    const words = this.drawing.describe(...this.place(event));
    this.tip.hidden = !words;
    this.tip.textContent = words;
    const box = this.whole.getBoundingClientRect();
    const left = Math.min(event.clientX - box.left + 14, box.width - this.tip.offsetWidth - 4);
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${event.clientY - box.top + 18}px`;
  }

  key(event) {
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const move = moves[event.key];
    const part = this.drawing.part(...this.at);
    if ((event.key === "Enter" || event.key === " ") && part) this.open(part);
    else if (move) this.walk(move);
    else if (event.key === "f" && this.drawing.branch(this.at[0])) {
      this.twist(this.drawing.branch(this.at[0]).side);
    } else if (event.key === "+" || event.key === "-") this.zoom(event.key === "+");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  walk([down, right]) {
    const within = (at) => Math.max(-1, Math.min(at, this.drawing.size + 1));
    this.at = [within(this.at[0] + down), within(this.at[1] + right)];
    const [row, column] = this.at;
    this.cursor ??= element("div", { class: "cursor" });
    const holder = column < 0 ? this.drawing.rows : row < 0 ? this.drawing.columns : this.drawing.body;
    this.cursor.style.setProperty("--row", Math.max(0, row));
    this.cursor.style.setProperty("--column", Math.max(0, column));
    holder.append(this.cursor);
    this.said.textContent = this.drawing.describe(row, column);
    if (row >= 0 && column >= 0) this.reveal(this.cursor);
  }
}
