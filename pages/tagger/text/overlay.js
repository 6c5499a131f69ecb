// What lies over the text: the highlighted selection, the grips, and a span's card.
import { readsLeftward } from "./gestures.js";

const HIGHLIGHT = "whetstone-selection";
const GAP = 6;

/** Paint a range of text as selected, or nothing. */
export function paintRange(textView, range) {
  if (range) CSS.highlights.set(HIGHLIGHT, new Highlight(textView.range(range)));
  else CSS.highlights.delete(HIGHLIGHT);
}

// Where the first and the last character of a range stand on the screen.
function edges(textView, { start, end }) {
  const first = textView.range({ start, end: start + 1 }).getClientRects();
  const last = textView.range({ start: end - 1, end }).getClientRects();
  return first.length && last.length ? { first: first[0], last: last[last.length - 1] } : null;
}

/** Tell whether the whole of a range is in sight. */
export function isInSight(textView, pane, range) {
  const found = edges(textView, range);
  const box = pane.getBoundingClientRect();
  const foot = Math.min(box.bottom, innerHeight);
  return Boolean(found) && found.first.top >= box.top && found.last.bottom <= foot;
}

/** Put the grips (start, end) at the ends of a range, or hide them. */
export function placeGrips(grips, textView, pane, range) {
  const found = range && edges(textView, range);
  for (const grip of grips) grip.hidden = !found;
  // Asking where something stands makes the browser lay out the text: not without need.
  if (!found) return;
  const leftward = readsLeftward(textView.offsets.slice(range.start, range.end));
  const box = pane.getBoundingClientRect();
  grips.forEach((grip, index) => {
    const rect = index ? found.last : found.first;
    // The start is on the left, the end on the right; the other way round in Hebrew or Arabic.
    const right = (index === 0) === leftward;
    const x = right ? rect.right : rect.left;
    grip.classList.toggle("right", right);
    grip.style.left = `${x - box.left - pane.clientLeft + pane.scrollLeft}px`;
    grip.style.top = `${rect.top - box.top - pane.clientTop + pane.scrollTop}px`;
    grip.style.height = `${rect.height}px`;
  });
}

/** Show a card under a range, above it where there is no room; hide it out of sight. */
export function placeCard(card, textView, pane, range) {
  const open = card.matches(":popover-open");
  if (!range && !open) return;
  const found = range && edges(textView, range);
  const box = pane.getBoundingClientRect();
  const visible = found && found.last.bottom > box.top && found.last.top < box.bottom;
  if (open !== Boolean(visible)) card.togglePopover(Boolean(visible));
  if (visible) putBy(card, found, box);
}

/** Put an open panel by a range; over the middle of the pane where there is none on the
 *  screen, and at the pane's foot where asked for. */
export function placePanel(panel, textView, pane, range, foot = false) {
  const found = range && edges(textView, range);
  const box = pane.getBoundingClientRect();
  if (found && found.last.bottom > box.top && found.last.top < box.bottom) {
    putBy(panel, found, box);
    return;
  }
  const { width, height } = panel.getBoundingClientRect();
  const low = Math.min(box.bottom, innerHeight) - height - GAP;
  put(panel, box.left + (box.width - width) / 2, foot ? low : box.top + GAP);
}

/** Put an open panel under what is on the screen of some words, so that they can be read. */
export function placeUnder(panel, words, pane) {
  const [inside, box] = [words, pane].map((element) => element.getBoundingClientRect());
  const { width } = panel.getBoundingClientRect();
  put(panel, box.left + (box.width - width) / 2, Math.min(inside.bottom, box.bottom) + GAP);
}

// Under what was found, or above it where there is no room.
function putBy(element, { first, last }, box) {
  const { width, height } = element.getBoundingClientRect();
  const left = first.top === last.top ? Math.min(first.left, last.left) : last.right - width;
  const inside = Math.max(left, box.left + GAP);
  const below = last.bottom + GAP;
  const top = below + height < innerHeight ? below : first.top - GAP - height;
  put(element, inside, top);
}

// Inside the window, whatever else.
function put(element, left, top) {
  const { width, height } = element.getBoundingClientRect();
  const within = (at, size, whole) => `${Math.max(GAP, Math.min(at, whole - size - GAP))}px`;
  element.style.left = within(left, width, innerWidth);
  element.style.top = within(top, height, innerHeight);
}

/** Scroll the pane as little as needed to show a range. */
export function reveal(textView, pane, range) {
  const found = edges(textView, range);
  if (!found) return;
  const box = pane.getBoundingClientRect();
  const above = found.first.top - box.top - 2 * GAP;
  const below = found.last.bottom - box.bottom + 4 * GAP;
  if (above < 0) pane.scrollTop += above;
  else if (below > 0) pane.scrollTop += below;
}
