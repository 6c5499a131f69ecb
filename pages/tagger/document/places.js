// Where spans stand in a text: their order, what overlaps, what may stand beside what, and the
// names of places. Pure functions.

/** Name a labelled range, to tell suggestions, spans and rejections of the same from others. */
export function placeKey([start, end, label]) {
  return `${start}:${end}:${label}`;
}

/** Return the start, the end and the label that a name of a labelled range stands for. */
export function readPlaceKey(key) {
  const [start, end] = key.split(":", 2);
  return [Number(start), Number(end), key.slice(start.length + end.length + 2)];
}

/** Tell whether a mark stands for the whole document: the empty range at the beginning. */
export function isWhole({ start, end }) {
  return start === 0 && end === 0;
}

/** Tell whether two marks share a character, or both stand for the whole document. */
export function meet(one, other) {
  if (isWhole(one) || isWhole(other)) return isWhole(one) && isWhole(other);
  return one.start < other.end && other.start < one.end;
}

/** Return the spans in reading order, the longer first where two begin together. */
export function inOrder(spans) {
  return [...spans.values()].sort((a, b) => a.start - b.start || b.end - a.end);
}

/** Return the other spans that meet a range. */
export function overlapping(spans, range, except = null) {
  const meets = (span) => span.id !== except && meet(span, range);
  return inOrder([...spans.values()].filter(meets));
}

/** Return a function that tells whether a range shares a character with any of the spans. */
export function overlapFinder(spans) {
  const ordered = inOrder(spans);
  let end = 0;
  // How far the spans reach up to each of them.
  const reach = ordered.map((span) => (end = Math.max(end, span.end)));
  return (range) => {
    let [low, high] = [0, ordered.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ordered[middle].start >= range.end) high = middle;
      else low = middle + 1;
    }
    return low > 0 && reach[low - 1] > range.start;
  };
}

/** Return a function that tells whether a labelled range may stand among spans as one more. */
export function freeFinder(spans, { allowOverlaps }) {
  if (!allowOverlaps) {
    const taken = overlapFinder(spans);
    return (place) => !taken(place);
  }
  const key = ({ start, end, label }) => placeKey([start, end, label]);
  const known = new Set([...spans.values()].map(key));
  return (place) => !known.has(key(place));
}

/** Tell why two spans cannot stand beside each other: they are the "same", or they "overlap"
 *  where that is not allowed; null where they can. */
export function clash(span, other, { allowOverlaps }) {
  if (!meet(span, other)) return null;
  const same = other.start === span.start && other.end === span.end && other.label === span.label;
  if (same) return "same";
  return allowOverlaps ? null : "overlap";
}
