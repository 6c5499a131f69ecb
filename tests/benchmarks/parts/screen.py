"""What a page tells about itself while somebody tags: when edits were painted and saved.

*Painted* is the time from the event (its own timestamp, when the hardware spoke) to the first
task after the animation frame that follows the change in the text: a frame after the event that
does not show the edit yet does not count. *Acknowledged* ends when the line says "Saved".
"""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Page

# Runs before the page's own scripts; `watch` is called once a tagger is there.
WATCH = """
window.bench = {painted: [], acknowledged: [], timing: [], frames: null, open: null};
const {bench} = window;
const afterPaint = (act) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = act;
    channel.port2.postMessage(0);
});
bench.afterPaint = afterPaint;
bench.find = () => {
    const hosts = [...document.querySelectorAll("*")].filter((each) => each.shadowRoot);
    return hosts.map((each) => each.shadowRoot).find((root) => root.querySelector(".tagger"));
};
bench.watch = () => {
    const root = bench.find();
    let edit = null;
    const begin = (event) => { bench.event = {kind: event.type, at: event.timeStamp}; };
    for (const type of ["keydown", "mouseup"]) addEventListener(type, begin, true);
    new MutationObserver(() => {
        if (!bench.event) return;
        edit = bench.event;
        bench.event = null;
        const {kind, at} = edit;
        afterPaint(() => bench.painted.push([kind, performance.now() - at]));
    }).observe(root.querySelector(".text"), {childList: true, subtree: true});
    new MutationObserver(() => {
        if (!edit || !root.querySelector(".saved").textContent.startsWith("Saved")) return;
        bench.acknowledged.push(performance.now() - edit.at);
        edit = null;
    }).observe(root.querySelector(".saved"), {childList: true, subtree: true, characterData: true});
};
bench.turn = (name) => {
    const root = bench.find();
    bench.open = null;
    addEventListener("keydown", (event) => {
        const at = event.timeStamp;
        const look = () => {
            const there = root.querySelector(".name").textContent === name
                && !root.querySelector(".tagger").classList.contains("waiting");
            if (there) afterPaint(() => { bench.open = performance.now() - at; });
            else requestAnimationFrame(look);
        };
        look();
    }, {once: true, capture: true});
};
bench.cold = null;
const look = () => {
    const drawn = bench.find()?.querySelector(".block");
    if (drawn) afterPaint(() => { bench.cold = performance.now(); });
    else requestAnimationFrame(look);
};
look();
bench.record = () => {
    const frames = bench.frames = [];
    let last = performance.now();
    const note = (now) => {
        frames.push(now - last);
        last = now;
        if (bench.frames === frames) requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
};
new PerformanceObserver((list) => {
    for (const {name, duration} of list.getEntries()) {
        if (["keydown", "mouseup", "pointerup"].includes(name)) bench.timing.push([name, duration]);
    }
}).observe({type: "event", durationThreshold: 16, buffered: true});
"""
COACH_READS = """() => bench.find().querySelector(".coach").textContent.includes("reading")"""
# Words in sight that no span covers: [left, right, y] each.
FREE_WORDS = """(most) => {
    const pane = bench.find().querySelector(".pane");
    const box = pane.getBoundingClientRect();
    const found = [];
    for (const block of pane.querySelectorAll(".block")) {
        const place = block.getBoundingClientRect();
        if (place.bottom < box.top || place.top > box.bottom) continue;
        for (const node of block.childNodes) {
            const match = node.nodeType === 3 && /(?<=\\s)\\w{4,}(?=\\s)/.exec(node.data);
            if (!match) continue;
            const range = new Range();
            range.setStart(node, match.index);
            range.setEnd(node, match.index + match[0].length);
            const rects = range.getClientRects();
            const [rect] = rects;
            const floor = Math.min(box.bottom, innerHeight) - 8;
            if (rects.length === 1 && rect.top > box.top + 8 && rect.bottom < floor) {
                found.push([rect.left, rect.right, (rect.top + rect.bottom) / 2]);
            }
        }
    }
    return found.slice(0, most);
}"""


def scroll_to(page: Page, share: float) -> None:
    """Show another part of the text: 0 is the beginning, 1 the end."""
    page.evaluate(
        """(share) => new Promise((done) => {
            const pane = bench.find().querySelector(".pane");
            pane.scrollTop = (pane.scrollHeight - pane.clientHeight) * share;
            requestAnimationFrame(() => requestAnimationFrame(done));
        })""",
        share,
    )


def free_words(page: Page, most: int) -> Sequence[Sequence[float]]:
    """Return where words that no span covers stand on the screen."""
    return page.evaluate(FREE_WORDS, most)


def drag(page: Page, left: float, right: float, y: float) -> None:
    """Drag over a word."""
    page.mouse.move(left + 1, y)
    page.mouse.down()
    page.mouse.move((left + right) / 2, y)
    page.mouse.move(right - 1, y)
    page.mouse.up()


def settle(page: Page, edits: int) -> None:
    """Wait until so many edits in all are painted and saved."""
    page.wait_for_function(
        "(edits) => bench.painted.length >= edits && bench.acknowledged.length >= edits",
        arg=edits,
        polling=5,
    )


def scroll_through(page: Page, steps: int = 90) -> list[float]:
    """Turn the wheel steadily; return how long each frame took, in milliseconds."""
    box = page.locator(".pane").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    scroll_to(page, 0)
    page.evaluate("bench.record()")
    for _ in range(steps):
        page.mouse.wheel(0, 240)
    page.wait_for_timeout(300)
    return page.evaluate("() => { const {frames} = bench; bench.frames = null; return frames; }")
