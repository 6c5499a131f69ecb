"""From nothing: who tags the sample's sentences sees a right suggestion by the tenth of them.

The coach is killed meanwhile, at any moment: nothing is lost, it is there again, and in the end it
suggests what one suggests that nobody has disturbed.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from engine.coach.coach import Coach
from engine.corpus.samples import ENTITIES
from storage.database.connection import Database
from storage.runs import suggestions
from storage.types import Document, Span, Split, Status
from tests.browser.conftest import Launch, Visitor
from tests.browser.expecting import expect
from tests.browser.server import ROOT, AppServer
from tests.browser.tagging import Bench, Tagger
from tests.workers.forking import COACH

pytestmark = [pytest.mark.browser, pytest.mark.long]
SENTENCES, BY, MORE = 20, 10, 10
# While a person is at these sentences the coach is killed, and so soon it must be back.
KILLED, BACK_SECONDS = (4, 9, 13, 18), 5.0
# A kill comes so long after an answer, at most: in the midst of what the coach makes of it.
WITHIN_SECONDS = 0.3
REAL = "engine.coach.forkserver"


def is_unseen(document: Document) -> bool:
    """Tell whether the coach has not learned beforehand what is marked in a document."""
    return bool(document.spans) and document.split is not Split.TRAIN


def bare_of(document: Document, name: str) -> Document:
    """Return a document as nobody has labelled it."""
    return replace(document, spans=(), name=name, status=Status.UNTOUCHED, split=None)


def drawn(at: Tagger) -> set[tuple[str, str]]:
    """Return what is suggested, as (words, label), once the coach has had its time."""
    at.page.wait_for_timeout(600)
    offered = at.page.locator(".hint").get_by_role("button", name="Show")
    if offered.is_visible():
        at.press("o")
    names = at.page.locator(".suggestion.first").evaluate_all(
        "all => all.map((each) => each.getAttribute('aria-label'))"
    )
    return {tuple(name.rsplit(", ", 2))[0:2] for name in names}


def coach_of(server: AppServer) -> psutil.Process | None:
    """Return the process of the coach, the child of the one that forks it."""
    assert server.process
    loaded = psutil.Process(server.process.pid).children()
    found = [child for each in loaded for child in each.children() if REAL in each.cmdline()]
    return found[0] if found else None


def kill(server: AppServer, after: float) -> None:
    """Kill the coach as kill -9 does, after some seconds, and wait until there is another one."""
    time.sleep(after)
    old = coach_of(server)
    assert old
    old.kill()
    until = time.monotonic() + BACK_SECONDS
    while (now := coach_of(server)) is None or now.pid == old.pid:
        assert time.monotonic() < until, "it did not come back"
        time.sleep(0.05)


def undisturbed(
    home: Path, db: Database, project: int, ids: Sequence[int]
) -> dict[int, tuple[Span, ...]]:
    """Return what a coach says that learns everything anew, by itself."""
    # One that was killed again and again may have kept nothing yet.
    shutil.rmtree(home / "coach" / "learned", ignore_errors=True)
    coach = Coach(db, project)
    coach.update(ids)
    coach.close()
    return said(db, ids)


def said(db: Database, ids: Sequence[int]) -> dict[int, tuple[Span, ...]]:
    return {id: found.spans for id, found in suggestions.of_documents(db, ids).items()}


def test_twenty_sentences_of_the_sample_are_tagged_from_nothing(
    launch: Launch, visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(COACH, REAL)
    server = launch(ROOT / "app.py", tmp_path / "home")
    monkeypatch.setenv("WHETSTONE_HOME", str(server.home))
    moments = random.Random(7)
    texts = list(filter(is_unseen, ENTITIES.documents()))[: SENTENCES + MORE]
    assert len(texts) == SENTENCES + MORE
    bare = [bare_of(each, f"text {n}") for n, each in enumerate(texts, start=1)]
    gold = texts[:SENTENCES]
    db = Database.open(f"sqlite:///{server.home / 'whetstone.db'}")
    labels = list(ENTITIES.labels)
    desk = Bench.make(server, db, visitor, "From nothing", bare, labels=labels)
    place = f"project={desk.project}&document={desk.ids[0]}&queue=all"
    at = Tagger(visitor.open(f"{server.url}/tag?{place}")).wait()
    expect(at.page.locator(".coach")).to_have_text("Coach: nothing learned yet", timeout=120_000)
    right: list[int] = []
    for number, document in enumerate(gold, start=1):
        expect(at.page.locator(".name")).to_have_text(f"text {number}")
        wanted = {(document.text[s.start : s.end], f"suggested {s.label}") for s in document.spans}
        right += [number] * len(drawn(at) & wanted)
        for span in document.spans:
            words = document.text[span.start : span.end]
            before = document.text[: span.start]
            at.press("Escape", "Escape")
            at.drag(words, nth=before.count(words))
            at.press(str(labels.index(span.label) + 1))
        at.press("Enter")
        if number in KILLED:
            kill(server, moments.uniform(0, WITHIN_SECONDS))
    at.expect_delivered()
    expect(at.page.locator(".coach")).to_have_text(f"Coach: learned from {SENTENCES} documents")
    for number, document in enumerate(gold):
        kept = {(span.start, span.end, span.label) for span in desk.annotation(number).spans}
        assert kept == {(span.start, span.end, span.label) for span in document.spans}
    rest = desk.ids[SENTENCES:]
    found = said(db, rest)
    at.page.close()
    server.end()
    assert any(found.values()) and found == undisturbed(server.home, db, desk.project, rest)
    db.close()
    assert right and min(right) <= BY, right
