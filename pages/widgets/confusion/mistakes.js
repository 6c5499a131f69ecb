// The most frequent confusions, most first: each a button that opens its cell.

class Mistakes {
  constructor(open) {
    this.open = open;
    this.root = element("div", { class: "most" });
  }

  draw({ mistakes, titles }) {
    this.parts = mistakes.map(([gold, predicted, only]) => ({ gold, predicted, only }));
    this.buttons = mistakes.map(([, , , title, count], at) => {
      const text = [element("span", {}, title), element("b", {}, NUMBERS.format(count))];
      const onclick = () => this.open(this.parts[at]);
      return element("button", { type: "button", onclick }, ...text);
    });
    const title = element("h3", {}, mistakes.length ? titles.mistakes : titles.none);
    const lines = this.buttons.map((button) => element("li", {}, button));
    this.root.replaceChildren(title, element("ol", {}, ...lines));
  }

  /** Show which of them is open; null where none is. */
  mark(part) {
    const sides = ["gold", "predicted", "only"];
    const isOpen = (one) => Boolean(part) && sides.every((side) => one[side] === part[side]);
    this.buttons.forEach((each, at) => each.classList.toggle("open", isOpen(this.parts[at])));
  }
}
