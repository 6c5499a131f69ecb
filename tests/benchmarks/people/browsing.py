"""Somebody who labels in a real browser: signs in by the form, marks words, finishes by Enter.

What the tagger sends and hears is written down where it asks for it: in the page.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence

from playwright.sync_api import Browser, Error, ViewportSize

from tests.benchmarks.parts import screen
from tests.benchmarks.people.log import Log
from tests.benchmarks.people.scripted import PASSWORD

VIEWPORT: ViewportSize = {"width": 1280, "height": 800}
# Marks in a document, and how often one is taken back.
MARKS, UNDOES = (1, 3), 0.1
FIRST_PAGE_MS, DELIVERY_MS = 120_000, 60_000
RECORD = """
window.team = [];
const asked = window.fetch;
window.fetch = async (address, options) => {
    const begin = performance.now();
    const answer = await asked(address, options);
    if (!String(address).includes("/api/edits")) return answer;
    const ms = performance.now() - begin;
    const copy = answer.clone();
    copy.json().then((body) => team.push({ms, status: answer.status, sent: options.body, body}));
    return answer;
};
"""
DELIVERED = """() => !Object.keys(localStorage).some((key) => key.startsWith("whetstone:op:"))"""


class Visitor:
    """One annotator in a browser of their own; ``act`` does the next thing, and takes a moment."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        name: str,
        place: str,
        most: int,
        thinks: tuple[float, float],
    ) -> None:
        """``most``: how many documents they may finish."""
        self.log = Log(name)
        self._chance = random.Random(name)
        self._thinks = thinks
        self._left, self._most = 0, most
        self._page = browser.new_context(viewport=VIEWPORT).new_page()
        self._page.set_default_timeout(FIRST_PAGE_MS)
        self._page.on("pageerror", lambda error: self.log.errors.append(f"page: {error}"))
        self._page.add_init_script(screen.WATCH + RECORD)
        self._enter(url, name, place)
        self.due = time.monotonic() + self._chance.uniform(*thinks)

    def _enter(self, url: str, name: str, place: str) -> None:
        page = self._page
        page.goto(f"{url}/login")
        page.locator("input[name=name]").fill(name)
        page.locator("input[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda there: "/login" not in there)
        page.goto(f"{url}/{place}")
        page.wait_for_function("bench.cold !== null")
        self._begin()

    def act(self) -> None:
        """Mark a word, or finish the document; then think."""
        try:
            self._step()
        except Error as error:
            self.log.errors.append(f"browser: {error.message.splitlines()[0]}")
        self._drain()
        self.due = time.monotonic() + self._chance.uniform(*self._thinks)

    def close(self) -> None:
        """Wait until everything is delivered, and leave."""
        try:
            self._page.wait_for_function(DELIVERED, timeout=DELIVERY_MS)
        except Error:
            self.log.errors.append("edits stayed in the browser")
        self._page.wait_for_timeout(200)
        self._drain()
        self._page.context.close()

    def _step(self) -> None:
        page = self._page
        words = screen.free_words(page, 8) if self._left > 0 else ()
        self._left -= 1
        if words:
            left, right, y = self._chance.choice(words)
            before = self._marks()
            page.mouse.dblclick((left + right) / 2, y)
            page.keyboard.press(str(self._chance.randint(1, 4)))
            page.keyboard.press("Escape")
            # Where nothing was marked it would take back what was done elsewhere.
            if self._chance.random() < UNDOES and self._marks() > before:
                page.keyboard.press("Control+z")
        elif self.log.counts["finished"] < self._most:
            page.keyboard.press("Enter")
            self.log.counts["finished"] += 1
            self._begin()

    def _marks(self) -> int:
        return self._page.evaluate("bench.find().querySelectorAll('.span.first').length")

    def _begin(self) -> None:
        self._left = self._chance.randint(*MARKS)
        self._page.locator(".pane").focus()

    def _drain(self) -> None:
        for heard in self._page.evaluate("team.splice(0)"):
            self._note(heard["ms"], heard["status"], heard["sent"], heard["body"])

    def _note(self, ms: float, status: int, sent: str, answer: dict) -> None:
        self.log.took["edits"].append(ms)
        if status != 200:
            self.log.complain("an edit in the browser", status, answer)
        batch = json.loads(sent)
        self.log.take(batch["client"], batch["document"], batch["operations"], answer)
        self.log.begun.setdefault(batch["document"], {"spans": [], "status": "untouched"})


def drive(visitors: Sequence[Visitor], until: float) -> None:
    """Let each do the next thing when it has thought, until the time is over."""
    while time.monotonic() < until:
        if not visitors:
            time.sleep(max(0.0, until - time.monotonic()))
            return
        soonest = min(visitors, key=lambda each: each.due)
        time.sleep(max(0.0, min(soonest.due, until) - time.monotonic()))
        if time.monotonic() < until:
            soonest.act()


def page_of(project: int, document: int) -> str:
    """Return the address of the tagger on a document, all of the project's behind it."""
    return f"tag?project={project}&document={document}&queue=all"
