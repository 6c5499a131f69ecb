// What differs between two texts, word by word; of texts that have little in common, what they
// share instead. Pure functions; places are code points.
import { Offsets } from "../document/offsets.js";

const WORDS = new Intl.Segmenter(undefined, { granularity: "word" });
// Of longer texts only so many words are compared: the work grows with their product.
const LONGEST = 1500;
// From this share of common words on two texts are versions of one another.
const ALIKE = 0.4;
// Words this frequent in both texts say nothing.
const SHORT = 3;

/** Return which ranges of each text to mark, and the look that says what they are: "differs" or
 *  "shares". */
export function differences(first, second) {
  const sides = [readWords(first), readWords(second)];
  const [left, right] = sides.map(({ words }) => words);
  const kept = longestCommon(left, right);
  const most = Math.max(left.length, right.length, 1);
  const look = kept.length / most >= ALIKE ? "differs" : "shares";
  const chosen = look === "differs" ? apart(sides, kept) : shared(left, right);
  const [one, other] = sides.map((side, at) => ranges(side, chosen[at]));
  return { look, first: one, second: other };
}

// The words of a text as they are compared: without case, and with their places in units.
function readWords(text) {
  const words = [];
  for (const { segment, index, isWordLike } of WORDS.segment(text)) {
    const plain = isWordLike || !/^\s*$/.test(segment);
    if (plain) words.push({ key: segment.toLowerCase(), from: index, to: index + segment.length, isWordLike });
    if (words.length >= LONGEST) break;
  }
  return { words, offsets: new Offsets(text) };
}

// A longest common subsequence of words, as pairs of indices (Hirschberg's table, cut at both
// ends where the texts agree).
function longestCommon(left, right) {
  let start = 0;
  const same = (i, j) => left[i].key === right[j].key;
  while (start < left.length && start < right.length && same(start, start)) start += 1;
  let [i, j] = [left.length, right.length];
  while (i > start && j > start && same(i - 1, j - 1)) [i, j] = [i - 1, j - 1];
  const head = Array.from({ length: start }, (_, at) => [at, at]);
  const tail = Array.from({ length: left.length - i }, (_, at) => [i + at, j + at]);
  return [...head, ...middle(left, right, start, i, j), ...tail];
}

function middle(left, right, start, i, j) {
  const [height, width] = [i - start, j - start];
  const table = Array.from({ length: height + 1 }, () => new Uint16Array(width + 1));
  const same = (y, x) => left[start + y].key === right[start + x].key;
  for (let y = height - 1; y >= 0; y -= 1) {
    for (let x = width - 1; x >= 0; x -= 1) {
      const skipped = Math.max(table[y + 1][x], table[y][x + 1]);
      table[y][x] = same(y, x) ? table[y + 1][x + 1] + 1 : skipped;
    }
  }
  const found = [];
  for (let [y, x] = [0, 0]; y < height && x < width; ) {
    if (same(y, x)) found.push([start + y++, start + x++]);
    else if (table[y + 1][x] >= table[y][x + 1]) y += 1;
    else x += 1;
  }
  return found;
}

function apart(sides, kept) {
  return sides.map(({ words }, side) => {
    const known = new Set(kept.map((pair) => pair[side]));
    return words.map((_, at) => at).filter((at) => !known.has(at));
  });
}

// What says something and stands in both: neither signs nor little words.
function shared(left, right) {
  const telling = ({ key, isWordLike }) => isWordLike && ([...key].length > SHORT || !/^[\p{ASCII}]*$/u.test(key));
  const keys = [left, right].map((words) => new Set(words.filter(telling).map(({ key }) => key)));
  const both = (words) => words.flatMap(({ key }, at) => (keys[0].has(key) && keys[1].has(key) ? at : []));
  return [both(left), both(right)];
}

// Words that follow each other are marked as one.
function ranges({ words, offsets }, chosen) {
  const found = [];
  let last = -2;
  for (const at of chosen) {
    const { from, to } = words[at];
    if (at === last + 1) found.at(-1).to = to;
    else found.push({ from, to });
    last = at;
  }
  return found.map(({ from, to }) => ({ start: offsets.point(from), end: offsets.point(to, true) }));
}
