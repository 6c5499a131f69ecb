// What the merge view shows of two versions: the passages that differ, drawn with the spans
// of one side, and what each side did in words and signs.
import { Offsets } from "../document/offsets.js";
import { isWhole } from "../document/places.js";
import { TextView } from "../text/textview.js";
import { make } from "../elements/elements.js";
import { paint } from "../labels/colors.js";

// A shorter text is shown whole, of a longer one what differs and some characters around it.
const SHORT_TEXT = 1500;
const CONTEXT = 120;
const LONGEST_WORD = 30;
const LONGEST_QUOTE = 60;
const SIGNS = {
  added: "+",
  removed: "−",
  relabelled: "≠",
  moved: "↔",
  "moved and relabelled": "↔ ≠",
  rejected: "×",
  "no longer rejected": "○",
  confirmed: "✓",
  "no longer confirmed": "○",
};
const WHOLE = "The whole text";
const FIELDS = { status: "Status", flagged: "Flag", comment: "Comment" };

/** Cut the places of differences into passages {start, end} with some text around them. */
export function cutPassages(differences, offsets) {
  const placed = differences.filter(({ end }) => end !== undefined);
  const short = offsets.length <= SHORT_TEXT;
  if (short) return placed.length ? [{ start: 0, end: offsets.length }] : [];
  const passages = [];
  for (const { start, end } of placed) {
    const from = toSpace(offsets, Math.max(start - CONTEXT, 0), -1);
    const to = toSpace(offsets, Math.min(end + CONTEXT, offsets.length), 1);
    const last = passages.at(-1);
    if (last && from <= last.end) last.end = Math.max(last.end, to);
    else passages.push({ start: from, end: to });
  }
  return passages;
}

// Words stay whole where they are no longer than words are.
function toSpace(offsets, point, by) {
  for (let step = 0; step < LONGEST_WORD; step += 1) {
    const at = point + by * step;
    if (at <= 0 || at >= offsets.length) return at;
    if (/\s/.test(offsets.slice(by < 0 ? at - 1 : at, by < 0 ? at : at + 1))) return at;
  }
  return point;
}

/** Draw a passage as one side has it; `numbered` are the differences with their numbers. */
export function drawPassage({ start, end }, side, spans, numbered, offsets, shades) {
  const marks = markChanges(side, numbered);
  const gone = [...marks.values()].filter(({ what }) => what === "removed");
  const shown = [...spans.values(), ...gone.map(({ before }) => before)]
    .filter((span) => span.start < end && start < span.end)
    .map((span) => [span.id, crop(span, start, end)]);
  const element = make("div", { class: "text" });
  const textView = new TextView(element);
  const passage = new Offsets(offsets.slice(start, end));
  textView.open(passage, []);
  textView.draw(new Map(shown), (slice, { span, from, to }) => {
    const [first, last] = [from === passage.unit(span.start), to === passage.unit(span.end)];
    const mark = marks.get(span.id);
    dress(slice, span, mark, { first, last });
    slice.setAttribute("aria-label", describeMark(passage.slice(span.start, span.end), span, mark));
    paint(slice, shades, span.label);
  });
  return element;
}

function markChanges(side, numbered) {
  return new Map(
    numbered.flatMap(([difference, number]) => {
      const { changes, kind } = difference;
      if (kind !== "span") return [];
      return changes[side].map((change) => {
        const { id } = change.after ?? change.before;
        return [id, { ...change, number }];
      });
    }),
  );
}

function crop(span, from, to) {
  const [start, end] = [Math.max(span.start, from) - from, Math.min(span.end, to) - from];
  return { ...span, start, end };
}

function dress(element, { label }, mark, { first, last }) {
  const look = mark ? (mark.what === "removed" ? "changed removed" : "changed") : "";
  element.className = `span ${look}${first ? " first" : ""}${last ? " last" : ""}`;
  element.dataset.label = mark ? `${SIGNS[mark.what]} ${label}` : label;
  if (mark && first) element.dataset.number = mark.number;
  element.setAttribute("role", "group");
}

function describeMark(quote, { label }, mark) {
  return mark ? `${quote}, ${label}, ${mark.what}, difference ${mark.number}` : `${quote}, ${label}`;
}

/** Say what a difference is about. */
export function nameDifference({ kind, start, end }, offsets) {
  if (end === undefined) return FIELDS[kind];
  return isWhole({ start, end }) ? WHOLE : `“${clip(offsets.slice(start, end))}”`;
}

/** Say with signs and words what a side did; nothing says that it left all as it was. */
export function describeChanges(changes, offsets) {
  const words = changes.map((change) => describeChange(change, offsets));
  return words.join(" · ") || "as it was";
}

function describeChange({ what, before, after }, offsets) {
  const quote = ({ start, end }) => `“${clip(offsets.slice(start, end))}”`;
  const says = {
    added: () => (isWhole(after) ? `labelled ${after.label}` : `added ${quote(after)} as ${after.label}`),
    removed: () => `removed ${before.label}${isWhole(before) ? "" : ` from ${quote(before)}`}`,
    relabelled: () => `relabelled ${before.label} as ${after.label}`,
    moved: () => `moved ${after.label} to ${quote(after)}`,
    "moved and relabelled": () => `moved ${before.label} to ${quote(after)}, now ${after.label}`,
    rejected: () => `rejected the suggestion ${after.label}`,
    "no longer rejected": () => `no longer rejected ${after.label}`,
    confirmed: () => `confirmed ${after.label}`,
    "no longer confirmed": () => `no longer confirmed ${after.label}`,
    status: () => `set to “${after}”`,
    flagged: () => (after ? "flagged" : "no longer flagged"),
    comment: () => (after ? `“${after}”` : "deleted"),
  };
  const sign = SIGNS[what];
  return sign ? `${sign} ${says[what]()}` : says[what]();
}

function clip(quote) {
  const points = [...quote];
  return points.length > LONGEST_QUOTE ? `${points.slice(0, LONGEST_QUOTE - 1).join("")}…` : quote;
}
