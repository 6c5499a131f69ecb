// Code points outside, UTF-16 code units inside. Only this module converts.

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Map between the code points and the UTF-16 units of one text. */
export class Offsets {
  constructor(text) {
    this.text = text;
    this.units = null;
    this.length = text.length;
    // A text without surrogate pairs needs no tables: both counts agree.
    if (/[\ud800-\udbff][\udc00-\udfff]/.test(text)) this.#measure();
  }

  #measure() {
    const { text } = this;
    this.units = new Uint32Array(text.length + 1);
    this.points = new Uint32Array(text.length + 1);
    let point = 0;
    for (let unit = 0; unit < text.length; point += 1) {
      const width = text.codePointAt(unit) > 0xffff ? 2 : 1;
      this.units[point] = unit;
      this.points.fill(point, unit, unit + width);
      unit += width;
    }
    this.units[point] = text.length;
    this.points[text.length] = point;
    this.length = point;
  }

  /** Return the unit at which a code point begins. */
  unit(point) {
    return this.units ? this.units[point] : point;
  }

  /** Return the code point that a unit belongs to; inside a pair `up` picks the next one. */
  point(unit, up = false) {
    if (!this.units) return unit;
    const point = this.points[unit];
    return up && this.units[point] < unit ? point + 1 : point;
  }

  /** Return the code point after (by = 1) or before the character at one: what a reader
   *  takes for one character, an emoji or a letter with its marks, is never cut. */
  beside(point, by) {
    const unit = this.unit(point);
    const inside = by > 0 ? unit : unit - 1;
    if (inside < 0 || inside >= this.text.length) return point;
    const { index, segment } = GRAPHEMES.segment(this.text).containing(inside);
    return this.point(by > 0 ? index + segment.length : index);
  }

  /** Return the text between two code points. */
  slice(start, end) {
    return this.text.slice(this.unit(start), this.unit(end));
  }
}

/** Return the index of the first token that ends after `point` (tokens.length: none does). */
export function tokenAfter(tokens, point) {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens[middle][1] > point) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Return the first and last token that a range touches, or null. */
export function tokensWithin(tokens, { start, end }) {
  const first = tokenAfter(tokens, start);
  if (first === tokens.length || tokens[first][0] >= end) return null;
  let last = tokenAfter(tokens, end - 1);
  if (last === tokens.length || tokens[last][0] >= end) last -= 1;
  return { first, last };
}

/** Grow a range outward to whole tokens; where it touches none, trim its white space. */
export function snap(tokens, offsets, range) {
  const touched = tokensWithin(tokens, range);
  if (touched) return { start: tokens[touched.first][0], end: tokens[touched.last][1] };
  const quote = offsets.slice(range.start, range.end);
  const start = range.start + [...quote].length - [...quote.trimStart()].length;
  const end = start + [...quote.trim()].length;
  return end > start ? { start, end } : null;
}

/** Return a quote short enough to stand in a sentence. */
export function clip(quote, longest = 30) {
  const signs = [...quote];
  return signs.length > longest ? `${signs.slice(0, longest - 1).join("")}…` : quote;
}
