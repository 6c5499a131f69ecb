// What a person takes for one word: "U.S.", "O'Brien", "Jean-Luc", "3.5", an address, 上海.
// All places are UTF-16 units of the text.

// Scripts that put no spaces between words: there a dictionary says where they end.
const UNSPACED =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Bopomofo}" +
  "\\u30fc\\uff70\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
// Letters, digits and marks, with the invisible signs that join or break them.
const SIGN = `[[\\p{L}\\p{N}\\p{M}_\\u00ad\\u200c\\u200d]--[${UNSPACED}]]`;
const ADDRESS = "(?:https?:\\/\\/|www\\.)[^\\s<>\"”»]*[\\p{L}\\p{N}\\/]";
const MAIL = `${SIGN}[\\p{L}\\p{N}._%+\\-]*@(?:${SIGN}|-)+(?:\\.(?:${SIGN}|-)+)+`;
// Its last stop belongs to it, whether or not a sentence ends there too.
const ABBREVIATION = `(?<!${SIGN})\\p{L}{1,3}\\.(?:\\p{L}{1,3}\\.)+(?!${SIGN})`;
const INITIAL = `(?<!${SIGN})\\p{Lu}\\.(?=[ \\u00a0]\\p{Lu})`;
const JOINTS = [
  "[\\-‐‑&·'’]",
  // A stop between words without a space after it ends a sentence: the next begins so.
  "\\.(?!\\p{Lu}\\p{Ll})",
  "(?<=\\p{Nd})[.,:\\/](?=\\p{Nd})",
];
const WORD = `[#@]?${SIGN}+(?:(?:${JOINTS.join("|")})${SIGN}+)*`;
const PIECES = [ADDRESS, MAIL, ABBREVIATION, INITIAL, WORD, `[${UNSPACED}]+`];
const PATTERN = new RegExp(PIECES.map((piece) => `(?:${piece})`).join("|"), "gv");
const RUN = new RegExp(`^[${UNSPACED}]`, "v");
// Anna's is about Anna.
const POSSESSIVE = /['’]s$/;
// A word with its address or its abbreviation is hardly longer.
const REACH = 300;
const DICTIONARY = new Intl.Segmenter(undefined, { granularity: "word" });

/** Tell whether a quote has no letter, digit or other meaning sign in it. */
export function isPunctuation(quote) {
  return /^[\p{P}\p{Z}\s]*$/u.test(quote);
}

/** Return the words of a text in order, each as [from, to]; a run without spaces is one. */
export function* eachWord(text, from = 0, to = text.length) {
  for (const { 0: found, index } of text.slice(from, to).matchAll(PATTERN)) {
    const word = found.replace(POSSESSIVE, "");
    yield [from + index, from + index + word.length];
  }
}

/** Tell whether a word is written in a script without spaces. */
export function isUnspaced(word) {
  return RUN.test(word);
}

/** Return the word {from, to} that holds the character at a unit, or null. */
export function wordAt(text, unit) {
  const [from, to] = surroundings(text, unit);
  for (const [start, end] of eachWord(text, from, to)) {
    if (start > unit) return null;
    if (unit >= end) continue;
    return isUnspaced(text.slice(start, end)) ? segmentAt(text, start, end, unit) : { from: start, to: end };
  }
  return null;
}

// What stands between the white space before a unit and that behind it, with what follows,
// which an initial looks at.
function surroundings(text, unit) {
  const before = text.slice(Math.max(unit - REACH, 0), unit);
  const after = text.slice(unit, unit + REACH);
  const start = unit - /\S*$/.exec(before)[0].length;
  return [start, unit + /^\S*(?:\s\S)?/.exec(after)[0].length];
}

function segmentAt(text, start, end, unit) {
  const { index, segment } = DICTIONARY.segment(text.slice(start, end)).containing(unit - start);
  return { from: start + index, to: start + index + segment.length };
}
