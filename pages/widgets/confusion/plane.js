// The cells, heads and totals, each an element at its place: row and column are multiples of the
// size of a cell, so that zooming and ordering move nothing but two numbers.

const NUMBERS = new Intl.NumberFormat("en");
// With more labels only cells with spans are elements; the others are hit by their place.
const ALL_DRAWN = 40;

function element(name, props = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (key in made && typeof value !== "string") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function placed(className, row, column, text, label) {
  const made = element("div", { class: className, role: "button", "aria-label": label }, text);
  made.style.setProperty("--row", row);
  made.style.setProperty("--column", column);
  return made;
}

/** Set a total a little apart from the cells. */
function apart(made, ofRow) {
  made.style.setProperty(ofRow ? "--right" : "--down", `${APART}px`);
  return made;
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

/** The table's contents in one order of the labels. */
class Plane {
  constructor(data, order, shares) {
    this.data = data;
    this.size = order.length;
    this.inShares = shares;
    // What stands in a row and in a column: the place of a label, or the last for none.
    this.order = [...order, this.size];
    this.body = element("div", { class: "body" });
    this.rows = element("div", { class: "rows" });
    this.columns = element("div", { class: "columns" });
    this.cells = new Map();
    this.draw();
  }

  gold(row) {
    return row < this.size ? this.data.labels[this.order[row]] : this.data.titles.spurious;
  }

  predicted(column) {
    return column < this.size ? this.data.labels[this.order[column]] : this.data.titles.missed;
  }

  /** Return what a row or column means; a branch that is folded has another name than side. */
  side(at, none) {
    return at < this.size ? this.data.sides[this.order[at]] : none;
  }

  /** Return the branch that a row belongs to, and whether it is open; undefined for none. */
  branch(row) {
    return row >= 0 && row < this.size ? this.data.branchOf[this.order[row]] : undefined;
  }

  counted(number) {
    return `${NUMBERS.format(number)} ${this.data.unit}${number === 1 ? "" : "s"}`;
  }

  count(row, column) {
    return this.data.counts[this.order[row]][this.order[column]];
  }

  share(row, column) {
    return this.data.shares[this.order[row]][this.order[column]];
  }

  total(row, column) {
    return row > this.size
      ? sum(this.data.counts.map((counts) => counts[this.order[column]]))
      : sum(this.data.counts[this.order[row]]);
  }

  /** Return what a place opens; null where it is nothing. Beyond the cells are heads and totals. */
  part(row, column) {
    const [beside, above] = [column < 0 || column > this.size, row < 0 || row > this.size];
    if (beside && above) return null;
    return {
      gold: above ? "" : this.side(row, this.data.spurious),
      predicted: beside ? "" : this.side(column, this.data.missed),
      only: "",
    };
  }

  /** Say in words what stands at a place. */
  describe(row, column) {
    const part = this.part(row, column);
    if (!part) return "";
    const number = (count) => this.counted(count);
    const [gold, predicted] = [part.gold && this.gold(row), part.predicted && this.predicted(column)];
    if (!predicted) return `${gold} → anything: ${number(this.total(row, 0))}`;
    if (!gold) return `anything → ${predicted}: ${number(this.total(row > 0 ? row : this.size + 1, column))}`;
    const [count, share] = [this.count(row, column), this.share(row, column)];
    const of = row < this.size ? gold : `what was called ${predicted}`;
    const more = count ? `, ${(100 * share).toFixed(1)} % of ${of}` : "";
    return `${gold} → ${predicted}: ${number(count)}${more}`;
  }

  draw() {
    const sparse = this.size > ALL_DRAWN;
    const last = this.size;
    for (let row = 0; row <= last; row += 1) {
      for (let column = 0; column <= last; column += 1) {
        const count = this.count(row, column);
        if ((row === last && column === last) || (sparse && !count)) continue;
        this.body.append(this.cell(row, column, count));
      }
      this.rows.append(this.head(row, true));
      this.columns.append(this.head(row, false));
      this.body.append(this.sum(row, last + 1), this.sum(last + 1, row));
    }
    const all = () => element("span", {}, "All");
    this.rows.append(apart(placed("name", last + 1, 0, all(), "All predicted"), false));
    this.columns.append(apart(placed("name", 0, last + 1, all(), "All gold"), true));
  }

  cell(row, column, count) {
    const share = this.share(row, column);
    const text = !count ? "" : this.inShares ? `${Math.round(100 * share)}%` : short(count);
    const { titles } = this.data;
    const sides = `${titles.predicted}: ${this.predicted(column)}; ${titles.gold}: ${this.gold(row)}`;
    const name = `${sides}; ${this.counted(count)}`;
    const kind = !count ? "empty" : row === column ? "right" : "wrong";
    const made = placed(`cell ${kind}`, row, column, text, name);
    made.style.setProperty("--share", share.toFixed(4));
    this.cells.set(`${this.order[row]},${this.order[column]}`, made);
    return made;
  }

  head(at, ofRow) {
    const name = ofRow ? this.gold(at) : this.predicted(at);
    const number = ofRow ? this.total(at, 0) : this.total(this.size + 1, at);
    const label = `${ofRow ? this.data.titles.gold : this.data.titles.predicted}: ${name}; all ${this.counted(number)}`;
    const kind = at === this.size ? "name none" : "name";
    const made = placed(kind, ofRow ? at : 0, ofRow ? 0 : at, element("span", {}, name), label);
    const side = this.side(at, ofRow ? this.data.spurious : this.data.missed);
    made.dataset.head = ofRow ? `${side}→` : `→${side}`;
    const branch = ofRow ? this.branch(at) : undefined;
    if (branch) made.prepend(this.twist(branch, name));
    return made;
  }

  /** Return the sign that folds or unfolds a branch. */
  twist(branch, name) {
    const says = branch.open ? `Fold the labels like ${name} into one` : `Unfold ${name}`;
    const made = element("button", { type: "button", class: "twist", title: says, "aria-label": says });
    made.textContent = branch.open ? "▾" : "▸";
    made.tabIndex = -1;
    made.dataset.branch = branch.side;
    return made;
  }

  sum(row, column) {
    const number = this.total(row, column);
    const made = placed("total", row, column, short(number), this.describe(row, column));
    return apart(made, column > this.size);
  }

  /** Mark what is open. */
  mark(marked, part) {
    const wanted = new Set(marked.map(([row, column]) => `${row},${column}`));
    for (const [place, each] of this.cells) each.classList.toggle("open", wanted.has(place));
    const head = part && !part.only ? `${part.gold}→${part.predicted}` : "";
    for (const each of [...this.rows.children, ...this.columns.children]) {
      each.classList.toggle("open", Boolean(head) && each.dataset.head === head);
    }
    return marked.length === 1 ? this.cells.get(marked[0].join()) : null;
  }
}

/** Write a number in at most four signs. */
function short(number) {
  if (number < 1000) return String(number);
  return number < 10000 ? `${(number / 1000).toFixed(1)}k` : `${Math.round(number / 1000)}k`;
}
