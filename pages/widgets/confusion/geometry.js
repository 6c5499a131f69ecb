// How large a cell is: all labels in sight where their numbers can be read, else readable and
// scrolled, else a coloured overview that one looks closer at.

const LARGEST = { width: 68, height: 36 };
// Below this a number cannot be read, and a cell is not hit.
const READABLE = { width: 19, height: 15 };
// Below this not even a name can be read.
const NAMED = 10;
const CLOSER = [10, 15, 20, 26, 36];
// Between the cells and the totals.
const APART = 6;
// What an overview without names has in their place.
const EDGE = 8;

/** Return the size of a cell for a room, and whether names and numbers are readable at it. */
function fit(labels, names, room) {
  const across = (room.width - names.width - APART - 2) / (labels + 2);
  const down = (room.height - names.height - APART - 2) / (labels + 2);
  if (across * 1.6 >= READABLE.width) {
    // A few labels too many: rather scrolled than unreadable.
    return sized(
      Math.min(LARGEST.width, Math.max(READABLE.width, across)),
      Math.min(LARGEST.height, Math.max(READABLE.height, down)),
    );
  }
  const bare = Math.min(room.width, room.height) - 2 * EDGE - APART;
  const side = Math.max(2.5, bare / (labels + 2));
  return sized(side, side);
}

function sized(width, height) {
  const readable = width >= READABLE.width && height >= READABLE.height;
  return { width, height, readable, named: Math.min(width, height) >= NAMED };
}

/** Return the next size of cells, larger or smaller; null is the one that fits. */
function step(size, fitting, larger) {
  const heights = CLOSER.filter((height) => height > fitting.height + 1);
  const next = larger
    ? heights.find((height) => height > size.height + 0.5)
    : heights.findLast((height) => height < size.height - 0.5);
  if (next === undefined) return larger ? size : null;
  return sized(Math.max(next * 1.3, Math.min(fitting.width, LARGEST.width)), next);
}

/** Return how wide the widest name is, in pixels. */
function widest(names) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "12px Commissioner, sans-serif";
  return Math.max(...names.map((name) => pen.measureText(name).width));
}
