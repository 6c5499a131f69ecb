// What the pointer does on the text: drag, double-click, click, and dragging an edge.

// How far the mouse may slip, in pixels, while it clicks.
const CLICK_REACH = 6;
const RTL = /^[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

/** Return the selected units of the text, or null. Works across the shadow border. */
export function selectedUnits(textView, root) {
  const range = currentRange(root);
  if (!range || range.collapsed) return null;
  const from = clampedUnit(textView, range.startContainer, range.startOffset);
  const to = clampedUnit(textView, range.endContainer, range.endOffset);
  return from < to ? { from, to } : null;
}

// A plain selection shows only the shadow host; the composed one looks inside.
function currentRange(root) {
  return getSelection().getComposedRanges?.({ shadowRoots: [root] })[0] ?? null;
}

// A drag may end before or behind the text: it then reaches to the text's border.
function clampedUnit(textView, container, offset) {
  const unit = textView.unitAt(container, offset);
  if (unit !== null) return unit;
  const root = textView.element.getRootNode();
  const [place, whole] = [new Range(), new Range()];
  place.setStart(container, offset);
  whole.selectNode(root.contains(container) ? textView.element : root.host);
  const before = place.compareBoundaryPoints(Range.START_TO_START, whole) <= 0;
  return before ? 0 : textView.offsets.text.length;
}

/** Return the unit under a point of the screen, or null. */
export function unitUnder(textView, root, { clientX, clientY }) {
  const box = textView.element.getBoundingClientRect();
  const x = Math.min(Math.max(clientX, box.left + 1), box.right - 1);
  const y = Math.min(Math.max(clientY, box.top + 1), box.bottom - 1);
  const caret = document.caretPositionFromPoint(x, y, { shadowRoots: [root] });
  return caret && textView.unitAt(caret.offsetNode, caret.offset);
}

/** Report drags and clicks in the pane to `on`: preview(units), range(units, gesture),
 *  click(gesture) and rest() where more clicks mean nothing, until the signal aborts. */
export function watchText(textView, pane, root, signal, on) {
  let pointer = null;
  let pressed = null;
  let waiting = 0;
  let released = null;

  function down(event) {
    // The second press of a double-click may come before the first is dealt with.
    forget();
    const onScrollbar = event.target === pane && event.offsetX > pane.clientWidth;
    pointer = event.button === 0 && !onScrollbar ? event.pointerType : null;
    pressed = event;
  }

  function move() {
    if (!pointer) return;
    const units = selectedUnits(textView, root);
    if (pointer !== "touch") on.preview(units);
    // A finger's selection ends with no event of its own: each change of it counts.
    else if (units) on.range(units, { path: [], touch: true });
  }

  function up(event) {
    if (!pointer || pointer === "touch") return;
    pointer = null;
    released = readGesture(event);
    // What was dragged over stands by now, and is in the next frame only where nothing waits.
    if (dragged(event) && selectedUnits(textView, root)) settle();
    // A click's selection the browser settles just after this event, which then forgets its path.
    else waiting = setTimeout(settle);
  }

  function dragged(event) {
    return event.detail === 1 && distance(pressed, event) >= CLICK_REACH;
  }

  function forget() {
    clearTimeout(waiting);
    released = null;
  }

  // A key pressed at once is about what was just selected: it may come before the timer does.
  function settle() {
    const gesture = released;
    forget();
    if (gesture) finish(gesture);
  }

  function finish(gesture) {
    const units = selectedUnits(textView, root) ?? unitsBetween(textView, root, pressed, gesture);
    getSelection().removeAllRanges();
    on.preview(null);
    if (gesture.clicks > 2) on.rest();
    else if (units) on.range(units, gesture);
    else on.click(gesture);
  }

  function tap(event) {
    if (event.pointerType === "touch") on.click(readGesture(event));
  }

  pane.addEventListener("pointerdown", down, { signal });
  pane.addEventListener("click", tap, { signal });
  document.addEventListener("selectionchange", move, { signal });
  document.addEventListener("mouseup", up, { signal });
  document.addEventListener("keydown", settle, { signal, capture: true });
}

// Chromium selects nothing where a drag begins exactly in the middle of a character, and
// browsers without composed ranges never do.
function unitsBetween(textView, root, start, end) {
  if (distance(start, end) < CLICK_REACH) return null;
  const units = [start, end].map((point) => unitUnder(textView, root, point) ?? 0);
  const [from, to] = units.sort((a, b) => a - b);
  return from < to ? { from, to } : null;
}

function distance(start, end) {
  return Math.hypot(end.clientX - start.clientX, end.clientY - start.clientY);
}

function readGesture(event) {
  const { clientX, clientY, altKey, detail } = event;
  return { clientX, clientY, exact: altKey, clicks: detail, path: event.composedPath() };
}

/** Let the person drag a grip along the text; `on` hears move(unit, event) and drop(). */
export function watchGrip(grip, textView, root, on) {
  grip.onpointerdown = (event) => {
    event.preventDefault();
    event.stopPropagation();
    grip.setPointerCapture(event.pointerId);
    grip.onpointermove = (moved) => {
      const unit = unitUnder(textView, root, moved);
      if (unit !== null) on.move(unit, moved);
    };
    grip.onpointerup = grip.onpointercancel = () => {
      grip.onpointermove = grip.onpointerup = grip.onpointercancel = null;
      on.drop();
    };
  };
}

/** Tell whether a quote begins in a script written from right to left. */
export function readsLeftward(quote) {
  return RTL.test(quote);
}
