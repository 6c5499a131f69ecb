// What the pointer does on the text: drag, double-click, click, and dragging an edge.

const RTL = /^[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

/** Return the selected units of the text, or null. Works across the shadow border. */
export function selectedUnits(paper, root) {
  const range = currentRange(root);
  if (!range || range.collapsed) return null;
  const from = clampedUnit(paper, range.startContainer, range.startOffset);
  const to = clampedUnit(paper, range.endContainer, range.endOffset);
  return from < to ? { from, to } : null;
}

function currentRange(root) {
  const selection = getSelection();
  // A plain selection shows only the shadow host; older browsers offer it on the root.
  if (selection.getComposedRanges) {
    return selection.getComposedRanges({ shadowRoots: [root] })[0] ?? null;
  }
  const inner = root.getSelection?.() ?? selection;
  return inner.rangeCount ? inner.getRangeAt(0) : null;
}

// A drag may end above or below the text: it then reaches to the text's border.
function clampedUnit(paper, container, offset) {
  const unit = paper.unitAt(container, offset);
  if (unit !== null) return unit;
  let element = paper.element;
  if (!element.getRootNode().contains(container)) element = element.getRootNode().host;
  const place = element.compareDocumentPosition(container);
  const before = place & (Node.DOCUMENT_POSITION_PRECEDING | Node.DOCUMENT_POSITION_CONTAINS);
  return before ? 0 : paper.offsets.text.length;
}

/** Return the unit under a point of the screen, or null. */
export function unitUnder(paper, root, { clientX, clientY }) {
  const box = paper.element.getBoundingClientRect();
  const x = Math.min(Math.max(clientX, box.left + 1), box.right - 1);
  const y = Math.min(Math.max(clientY, box.top + 1), box.bottom - 1);
  const caret = document.caretPositionFromPoint?.(x, y, { shadowRoots: [root] });
  if (caret) return paper.unitAt(caret.offsetNode, caret.offset);
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? paper.unitAt(range.startContainer, range.startOffset) : null;
}

/** Report drags and clicks on the text to `on`: preview(units), range(units, gesture) and
 *  click(gesture), until the signal aborts. */
export function watchText(paper, root, signal, on) {
  let pointer = null;
  let waiting = 0;

  function down(event) {
    // The second press of a double-click may come before the first is dealt with.
    clearTimeout(waiting);
    pointer = event.button === 0 ? event.pointerType : null;
  }

  function move() {
    if (!pointer) return;
    const units = selectedUnits(paper, root);
    if (pointer !== "touch") on.preview(units);
    // A finger's selection ends with no event of its own: each change of it counts.
    else if (units) on.range(units, { path: [], touch: true });
  }

  function up(event) {
    if (!pointer || pointer === "touch") return;
    pointer = null;
    // The browser settles the selection just after this event, which then forgets its path.
    const gesture = readGesture(event);
    waiting = setTimeout(() => finish(gesture));
  }

  function finish(gesture) {
    const units = selectedUnits(paper, root);
    getSelection().removeAllRanges();
    if (gesture.clicks > 2) return;
    if (units) on.range(units, gesture);
    else on.click(gesture);
  }

  function tap(event) {
    if (event.pointerType === "touch") on.click(readGesture(event));
  }

  paper.element.addEventListener("pointerdown", down, { signal });
  paper.element.addEventListener("click", tap, { signal });
  document.addEventListener("selectionchange", move, { signal });
  document.addEventListener("mouseup", up, { signal });
}

function readGesture(event) {
  const { clientX, clientY, altKey, detail } = event;
  return { clientX, clientY, exact: altKey, clicks: detail, path: event.composedPath() };
}

/** Let the person drag a grip along the text; `on` hears move(unit, event) and drop(). */
export function watchGrip(grip, paper, root, on) {
  grip.onpointerdown = (event) => {
    event.preventDefault();
    event.stopPropagation();
    grip.setPointerCapture(event.pointerId);
    grip.onpointermove = (moved) => {
      const unit = unitUnder(paper, root, moved);
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
