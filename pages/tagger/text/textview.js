// The text as drawn: blocks of lines, one text node a segment, spans as elements around
// them. Names of labels are generated content, so the text nodes are the text, exactly.
import { tokenAfter } from "../document/offsets.js";

// A line longer than this is drawn as several blocks, so an edit redraws little.
const LONG_LINE = 1600;
// What of a span, or of a suggestion, can be seen.
const LOOKS = ["start", "end", "label", "score", "suggested", "crossing"];
const SENTENCE_ENDS = /[.!?。！？]["'”’»)\]]*\s*$/;

/** Cut a text into pieces [from, to) of units: lines, and long lines at token ends. */
export function cutBlocks(offsets, tokens) {
  const { text } = offsets;
  const blocks = [];
  for (let from = 0; from < text.length; ) {
    const line = text.indexOf("\n", from) + 1 || text.length;
    const to = line - from > LONG_LINE ? cutLine(offsets, tokens, from) : line;
    blocks.push({ from, to });
    from = to;
  }
  return blocks.length ? blocks : [{ from: 0, to: 0 }];
}

// Prefer the end of a sentence; a token border always; a code point border at worst.
function cutLine(offsets, tokens, from) {
  const first = tokenAfter(tokens, offsets.point(from)) + 1;
  let limit = tokenAfter(tokens, offsets.point(from + LONG_LINE));
  if (limit <= first || limit === tokens.length) limit = first;
  const border = (index) => offsets.unit(tokens[index][0]);
  for (let index = limit; index > first && border(index) > from + LONG_LINE / 2; index -= 1) {
    const before = offsets.text.slice(border(index) - 8, border(index));
    if (SENTENCE_ENDS.test(before)) return border(index);
  }
  return limit > first ? border(limit) : offsets.unit(offsets.point(from + LONG_LINE));
}

/** Draws a text and its spans into an element, and finds places in it. */
export class TextView {
  constructor(element) {
    this.element = element;
    this.blocks = [];
    this.starts = new WeakMap();
    this.drawn = new Map();
    this.pressed = [];
  }

  /** Draw another text. */
  open(offsets, tokens) {
    this.offsets = offsets;
    this.blocks = cutBlocks(offsets, tokens).map((piece) => {
      const element = document.createElement("div");
      element.className = "block";
      element.dir = "auto";
      return { ...piece, element, slices: new Map() };
    });
    this.drawn = new Map();
    this.stamp = null;
    this.element.replaceChildren(...this.blocks.map((block) => block.element));
    this.element.classList.toggle("long", this.blocks.length > 40);
  }

  /** Draw spans; only blocks whose spans changed are touched. `look` styles one element. */
  draw(spans, look, stamp = "") {
    const touched = new Set(stamp === this.stamp ? [] : this.blocks);
    const drawn = new Map();
    for (const span of spans.values()) drawn.set(span.id, span);
    for (const [id, span] of this.drawn) if (!alike(span, drawn.get(id))) this.#lift(span, touched);
    for (const [id, span] of drawn) if (!alike(span, this.drawn.get(id))) this.#lay(span, touched);
    this.drawn = drawn;
    this.stamp = stamp;
    for (const { element, from, to, slices } of touched) {
      element.replaceChildren();
      this.#fill(element, from, to, cropAll([...slices.values()], { from, to }), look);
    }
  }

  #lift(span, touched) {
    for (const block of this.#blocksOf(span)) {
      block.slices.delete(span.id);
      touched.add(block);
    }
  }

  #lay(span, touched) {
    const [from, to] = [this.offsets.unit(span.start), this.offsets.unit(span.end)];
    for (const block of this.#blocksOf(span)) {
      block.slices.set(span.id, { span, from, to });
      touched.add(block);
    }
  }

  *#blocksOf({ start, end }) {
    const [from, to] = [this.offsets.unit(start), this.offsets.unit(end)];
    for (let index = this.#blockAt(from); this.blocks[index]?.from < to; index += 1) {
      yield this.blocks[index];
    }
  }

  // The index of the block in which a unit stands.
  #blockAt(unit) {
    let [low, high] = [0, this.blocks.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.blocks[middle].to > unit) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  // Outermost first; a span that crosses another's end goes on behind it as a second slice.
  // Returns how many spans lie in one another here, so that underlines can be stacked.
  #fill(parent, from, to, slices, look) {
    let at = from;
    let deepest = 0;
    while (slices.length) {
      const [outer, ...others] = slices;
      const inside = others.filter((slice) => slice.from < outer.to);
      const behind = cropAll(others, { from: outer.to, to });
      this.#write(parent, at, outer.from);
      const element = document.createElement("span");
      look(element, outer);
      const depth = this.#fill(element, outer.from, outer.to, cropAll(inside, outer), look);
      element.style.setProperty("--deep", depth);
      // What draws no line and has no name takes no room below the words.
      deepest = Math.max(deepest, depth + (outer.span.plain ? 0 : 1));
      parent.append(element);
      at = outer.to;
      slices = behind;
    }
    this.#write(parent, at, to);
    return deepest;
  }

  #write(parent, from, to) {
    if (from >= to) return;
    const node = document.createTextNode(this.offsets.text.slice(from, to));
    this.starts.set(node, from);
    parent.append(node);
  }

  /** Return the unit at a DOM position, or null where it is outside the text. */
  unitAt(container, offset) {
    const start = this.starts.get(container);
    if (start !== undefined) return start + Math.min(offset, container.length);
    if (!this.element.contains(container)) return null;
    // Between elements: the next text node begins there, or the text ends there.
    const next = container.childNodes[offset] ?? null;
    for (const node of textNodes(this.element)) {
      const after = next
        ? next === node || next.contains(node) || follows(next, node)
        : follows(container, node) && !container.contains(node);
      if (after) return this.starts.get(node);
    }
    return this.offsets.text.length;
  }

  /** Return a DOM range for code points. */
  range({ start, end }) {
    const range = new Range();
    range.setStart(...this.#place(this.offsets.unit(start), false));
    range.setEnd(...this.#place(this.offsets.unit(end), true));
    return range;
  }

  #place(unit, atEnd) {
    // An end belongs to what stands before it, a start to what follows.
    const inside = (from, to) => (atEnd ? from < unit && unit <= to : from <= unit && unit < to);
    const block = this.blocks[this.#blockAt(atEnd ? Math.max(unit - 1, 0) : unit)];
    for (const node of textNodes(block.element)) {
      const from = this.starts.get(node);
      if (inside(from, from + node.length)) return [node, unit - from];
    }
    return [block.element, atEnd ? 0 : block.element.childNodes.length];
  }

  /** Mark the slices of one span as selected and no others. */
  mark(id) {
    for (const node of this.pressed) press(node, false);
    const span = this.drawn.get(id);
    const wanted = `[data-id="${CSS.escape(id ?? "")}"]`;
    const blocks = span ? [...this.#blocksOf(span)] : [];
    this.pressed = blocks.flatMap(({ element }) => [...element.querySelectorAll(wanted)]);
    for (const node of this.pressed) press(node, true);
  }
}

function press(node, chosen) {
  node.classList.toggle("chosen", chosen);
  node.setAttribute("aria-pressed", chosen);
}

// Two spans that look the same need no new drawing, though they may not be the same object.
function alike(span, other) {
  if (span === other) return true;
  return Boolean(other) && LOOKS.every((name) => span[name] === other[name]);
}

function cropAll(slices, { from, to }) {
  const cropped = slices.map((slice) => {
    return { ...slice, from: Math.max(slice.from, from), to: Math.min(slice.to, to) };
  });
  const kept = cropped.filter((slice) => slice.from < slice.to);
  // Of two at one place the suggestion lies around the span, whose name hangs nearer.
  const suggested = ({ span }) => Number(Boolean(span.suggested));
  const tie = (a, b) => suggested(b) - suggested(a) || (a.span.id < b.span.id ? -1 : 1);
  return kept.sort((a, b) => a.from - b.from || b.to - a.to || tie(a, b));
}

function* textNodes(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) yield walker.currentNode;
}

function follows(node, other) {
  return Boolean(node.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
}
