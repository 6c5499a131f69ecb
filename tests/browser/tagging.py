"""A hand on the tagger: finds words on the screen, drags, clicks and types as a person does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Route, ViewportSize

from engine.encoding.tokens import tokenize
from storage import home
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.journal.annotations import Annotation
from storage.runs import runs, suggestions
from storage.types import Document, DocumentScore, Source, Span
from tests.browser.expecting import expect
from tests.browser.server import AppServer
from tests.browser.standing import VIEWPORT

# The place of a text on the screen: the middle of its first and of its last character.
FIND = """(textView, [wanted, nth]) => {
    const walker = document.createTreeWalker(textView, NodeFilter.SHOW_TEXT);
    const nodes = []; let text = '';
    while (walker.nextNode()) { nodes.push([text.length, walker.currentNode]);
        text += walker.currentNode.data; }
    let unit = -1;
    for (let n = 0; n <= nth; n += 1) unit = text.indexOf(wanted, unit + 1);
    if (unit < 0) return null;
    const rect = (at) => {
        const [start, node] = nodes.findLast(([start]) => start <= at);
        const range = new Range();
        const pair = node.data.codePointAt(at - start) > 0xffff;
        range.setStart(node, at - start); range.setEnd(node, at - start + (pair ? 2 : 1));
        const box = range.getClientRects()[0];
        return [box.left + box.width / 2, box.top + box.height / 2, box.width];
    };
    let last = unit + wanted.length - 1;
    if ((text.charCodeAt(last) & 0xfc00) === 0xdc00) last -= 1;
    return [rect(unit), rect(last)];
}"""


# Streamlit's scripts have ended.
QUIET = "[data-testid='stApp'][data-test-script-state='notRunning']"

# What was to move has moved: no animation of the page around runs, and three frames are alike.
STILL = """async (element) => {
    const frame = () => new Promise(requestAnimationFrame);
    const place = () => Object.values(element.getBoundingClientRect().toJSON()).join();
    await document.fonts.ready;
    for (let alike = 0, last = ''; alike < 3; ) {
        await frame();
        const moving = document.getAnimations().some((each) =>
            each.playState === 'running' && each.effect.getTiming().iterations < Infinity);
        alike = !moving && place() === last ? alike + 1 : 0;
        last = place();
    }
}"""


def settle(part: Locator) -> None:
    """Wait until the page is drawn as a whole and a part of it stands still."""
    expect(part.page.locator(QUIET)).to_be_attached()
    expect(part.page.get_by_test_id("stSkeleton")).to_have_count(0)
    part.evaluate(STILL)


def resize(page: Page, width: int, height: int) -> None:
    """Give the window another size, and wait until the page has taken it."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("(width) => innerWidth === width", arg=width)
    page.locator("body").evaluate(STILL)


@dataclass(frozen=True)
class Tagger:
    """The tagger on a page."""

    page: Page

    @property
    def pane(self) -> Locator:
        return self.page.locator(".pane")

    def wait(self) -> "Tagger":
        """Wait until the tagger shows its document and the page around it stands still."""
        expect(self.page.locator(".tagger .name")).not_to_be_empty()
        settle(self.pane.locator(".text").first)
        return self

    def _places(self, word: str, nth: int) -> list[list[float]]:
        found = self.page.locator(".pane .text").evaluate(FIND, [word, nth])
        assert found, f"{word!r} is not on the screen"
        return found

    def drag(self, first: str, last: str | None = None, *, nth: int = 0, backward=False) -> None:
        """Drag from the first character of one text to the last of another, or the other way."""
        start = self._places(first, nth)[0]
        end = self._places(last or first, nth)[1]
        # Past the middle of the last character, so that it is part of the selection.
        points = [(start[0] - start[2] / 4, start[1]), (end[0] + end[2] / 4, end[1])]
        source, target = reversed(points) if backward else points
        self.drag_points(source, target)

    def drag_points(self, source: tuple[float, float], target: tuple[float, float]) -> None:
        """Press at one point of the screen, move to another, release."""
        self.page.mouse.move(*source)
        self.page.mouse.down()
        self.page.mouse.move((source[0] + target[0]) / 2, (source[1] + target[1]) / 2, steps=3)
        self.page.mouse.move(*target, steps=3)
        self.page.mouse.up()
        self._settle()

    def _settle(self) -> None:
        # The tagger reads the selection just after the button is released.
        self.page.evaluate("() => new Promise((done) => setTimeout(done, 30))")

    def place(self, word: str, nth: int = 0) -> tuple[float, float]:
        """Return the middle of a text's first character on the screen."""
        x, y, _ = self._places(word, nth)[0]
        return x, y

    def click(self, word: str, nth: int = 0) -> None:
        """Click on the first character of a text."""
        self.page.mouse.click(*self.place(word, nth))
        self._settle()

    def double_click(self, word: str, nth: int = 0) -> None:
        """Double-click on the first character of a text."""
        self.page.mouse.dblclick(*self.place(word, nth))
        self._settle()

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def chip(self, label: str) -> Locator:
        """Return the chip of a label."""
        return self.page.locator(".chip").filter(
            has_text=re.compile(rf"^\d?{re.escape(label)}\d+$")
        )

    def label(self, word: str, key: str) -> None:
        """Double-click a word and press a label's digit."""
        self.double_click(word)
        self.press(key)

    def cut_off(self) -> None:
        """Let no edit through to the server."""
        self.page.route("**/api/edits", lambda route: route.abort("internetdisconnected"))

    def hold(self) -> list[Route]:
        """Let edits go no further than here; return the list that they come into."""
        held: list[Route] = []
        self.page.route("**/api/edits", lambda route: held.append(route))
        return held

    def first(self, held: list[Route]) -> Route:
        """Wait until something is held, and return it: it comes by another way than a key."""
        while not held:
            self.page.wait_for_timeout(20)
        return held[0]

    def reconnect(self) -> None:
        """Let edits through again."""
        self.page.unroute("**/api/edits")

    def expect_spans(self, *spans: str) -> None:
        """Wait until exactly these spans are drawn, each as "quote, label", in reading order."""
        firsts = self.page.locator(".pane .span.first")
        expect(firsts).to_have_count(len(spans))
        for index, span in enumerate(spans):
            expect(firsts.nth(index)).to_have_attribute("aria-label", span)

    def expect_ghosts(self, *ghosts: str) -> None:
        """Wait until exactly these suggestions are drawn, each as "quote, suggested label, n %"."""
        firsts = self.page.locator(".suggestion.first")
        expect(firsts).to_have_count(len(ghosts))
        for index, ghost in enumerate(ghosts):
            expect(firsts.nth(index)).to_have_attribute("aria-label", ghost)

    def expect_hint(self, text: str) -> None:
        """Wait until the line under the text says something."""
        expect(self.page.locator(".hint")).to_contain_text(text)

    def expect_saved(self) -> None:
        """Wait until every edit is acknowledged."""
        expect(self.page.locator(".saved")).to_have_text(re.compile(r"^Saved \d\d:\d\d:\d\d$"))

    def expect_document(self, name: str) -> None:
        """Wait until a document is open and the text has the keyboard."""
        expect(self.page.locator(".name")).to_have_text(name)
        expect(self.page.locator(".tagger")).not_to_have_class(re.compile("waiting"))

    def expect_delivered(self) -> None:
        """Wait until no edit waits in the browser's storage."""
        self.page.wait_for_function(
            """() => !Object.keys(localStorage).some((key) => key.startsWith("whetstone:op:"))"""
        )

    def kept(self) -> list[str]:
        """Return the kinds of the edits that wait in the browser's storage."""
        return self.page.evaluate(
            """() => Object.keys(localStorage).filter((key) => key.startsWith("whetstone:op:"))
                .map((key) => JSON.parse(localStorage[key])).sort((a, b) => a.op.seq - b.op.seq)
                .map(({op}) => op.kind)"""
        )


@dataclass(frozen=True)
class Bench:
    """A project of its own on a server of the tagger, and a browser to open it in."""

    server: AppServer
    db: Database
    visitor: Any
    project: int
    ids: Sequence[int]

    @classmethod
    def make(
        cls,
        server: AppServer,
        db: Database,
        visitor: Any,
        name: str,
        texts: Sequence[str | Document],
        *,
        labels: Sequence[str] = ("PER", "ORG", "LOC"),
        overlaps: bool = False,
        task: str = "spans",
    ) -> "Bench":
        """Store texts, with the tokens of raw text, or ready documents."""
        project = projects.create_project(db, name, task, allow_overlaps=overlaps)
        projects.add_labels(db, project.id, list(labels))
        made = [
            text
            if isinstance(text, Document)
            else Document(text, tokenize(text), name=f"text {number}")
            for number, text in enumerate(texts, start=1)
        ]
        documents.add_documents(db, project.id, made, home.user_name())
        return cls(server, db, visitor, project.id, documents.list_ids(db, project.id))

    def open(
        self,
        document: int = 0,
        *,
        context: BrowserContext | None = None,
        focus: str = "",
        viewport: ViewportSize = VIEWPORT,
        **options,
    ) -> Tagger:
        """Open a document, counted from 0, in the page that stands, a given or an own browser."""
        address = f"{self.server.url}/?project={self.project}&document={self.ids[document]}"
        address += f"&focus={focus}"
        if context or options:
            page = self.visitor.open(address, context, viewport=viewport, **options)
        else:
            page = self.visitor.turn_to(address, viewport)
        return Tagger(page).wait()

    def suggest(
        self,
        *found: tuple[int, str, str, float],
        looked: Sequence[int] = (0,),
        beside: Sequence[tuple[int, str, str, float]] = (),
    ) -> None:
        """Let a newer model look at documents and find (document, words, label, score).

        ``beside`` is what it holds for less likely.
        """
        run = runs.create_run(self.db, self.project, {}).id
        runs.request_cancel(self.db, run)
        spans, others = (
            [(self.ids[place[0]], self._span(*place)) for place in places]
            for places in (found, beside)
        )
        scores = [DocumentScore(self.ids[at], 0.5, 0.5, 0.5, None) for at in looked]
        suggestions.store(self.db, run, spans, scores, others)

    def guess(self, document: int, *guesses: tuple[str, float]) -> None:
        """Let a newer model say the first of these labels of a document, and guess the others."""
        run = runs.create_run(self.db, self.project, {}).id
        runs.request_cancel(self.db, run)
        id = self.ids[document]
        made = [(id, Span(0, 0, name, source=Source.MODEL, score=each)) for name, each in guesses]
        scores = [DocumentScore(each, 0.5, 0.5, 0.5, None) for each in self.ids]
        suggestions.store(self.db, run, made[:1], scores, made[1:])

    def labels(self, document: int = 0) -> tuple[list[str], str]:
        """Return a document's labels as a whole, and its status."""
        annotation = self.annotation(document)
        return sorted(span.label for span in annotation.spans), str(annotation.status)

    def _span(self, document: int, words: str, label: str, score: float) -> Span:
        start = self.annotation(document).document.text.index(words)
        return Span(start, start + len(words), label, source=Source.MODEL, score=score)

    def annotation(self, document: int = 0, annotator: str = "") -> Annotation:
        """Return what the database holds for a document, of this user or of somebody else."""
        name = annotator or home.user_name()
        return annotations.open_annotation(self.db, self.ids[document], name)

    def stored(self, document: int = 0, annotator: str = "") -> list[str]:
        """Return a document's stored spans, each as "quote, label", in reading order."""
        annotation = self.annotation(document, annotator)
        text = annotation.document.text
        return [f"{text[span.start : span.end]}, {span.label}" for span in annotation.spans]
