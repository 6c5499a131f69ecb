"""The notebook in words and as files: every sentence is there, no text of people is markup."""

from __future__ import annotations

import json

import pytest

from engine.knowledge import writing
from engine.knowledge.telling import Outcome, tell
from engine.knowledge.writing import Notebook
from storage.knowledge.notebook import Entry, Round

HOSTILE = "<script>alert(1)</script> | [x](http://e.il) ![y](z)"
ROW = {"a": 0.79, "b": 0.812, "low": 0.004, "high": 0.04, "support": 120}
ROW |= {"fixed": 12, "broken": 3, "wrong": 5}
COMPARED: dict = {
    "split": "test",
    "documents": 40,
    "rows": [
        {"label": "", "verdict": "no clear difference", **ROW},
        {"label": "ORG", "verdict": "better", **ROW},
    ],
}
BROUGHT = {
    **{"title": "Run 2", "before": "Run 1", "split": "test", "figure": "F1", "value": 0.812},
    **{"low": 0.79, "high": 0.83, "support": 120, "compared": COMPARED},
    "cell": {"title": "ORG → MISC", "a": 12, "b": 5},
}
DONE = (
    {"what": "edits", "by": "ada", "count": 12, "documents": 1},
    {"what": "decisions", "by": "eve", "count": 1, "documents": 1},
    {"what": "action", "title": HOSTILE, "by": "bob", "count": 3, "documents": 2},
    {"what": "actions", "count": 4},
    {"what": "guideline", "by": "ada", "count": 2, "version": 4},
    {"what": "examples", "label": "ORG", "by": "ada", "count": 2},
    {"what": "queue", "name": "ships", "reason": "ORG has a new meaning.", "by": "ada", "count": 9},
    {"what": "setting", "name": "epochs", "before": None, "after": [1, 2]},
    {"what": "documents", "added": 3, "removed": 0, "moved": 1, "relabelled": 2},
    {"what": "relabelled", "from": "ORG", "to": "MISC", "count": 2},
    {"what": "marks", "label": "ORG", "added": 1},
    {"what": "of a later version"},
)
SAID = [
    "ada: 12 edits in 1 sentence.",
    "eve: 1 decision in 1 sentence.",
    f"bob: {HOSTILE} (3 edits).",
    "4 more changes of many sentences at once.",
    "The guideline came to version 4 (ada).",
    "ada: 2 examples of ORG.",
    "ada: a queue of 9 sentences, ships: ORG has a new meaning.",
    "Setting epochs: none → 1, 2.",
    "Sentences that the runs read: 3 added, 1 moved to another split, 2 with other spans.",
    "2 spans from ORG to MISC.",
    "ORG: 1 added.",
]


def entry(**values: object) -> Entry:
    known: dict = {
        **{"id": 1, "project_id": 1, "state": Round.DONE, "goal": "Focus: ORG → MISC", "run": 1},
        **{"about": {"said": "ORG → MISC: 12 on test in Run 1."}, "closed_run": 2, "done": DONE},
        **{"brought": BROUGHT, "lesson": HOSTILE, "lesson_by": "ada", "opened_by": "ada"},
        **{"opened_at": "2026-11-27T10:00:00", "closed_at": "2026-11-28T10:00:00"},
    }
    return Entry(**known | values)


def test_a_round_says_what_was_done_and_what_it_brought() -> None:
    told = tell(entry())
    assert list(told.done) == SAID
    moved = "0.790 → 0.812, +0.022 [+0.004, +0.040]"
    assert list(told.brought) == [
        "Run 2: F1 0.812 [0.790, 0.830] on test, over 120 spans.",
        "ORG → MISC: 12 before, 5 now.",
        f"All labels: F1 {moved}, no clear difference; 12 fixed, 3 broken, 5 still wrong.",
        f"ORG: F1 {moved}, better; 12 fixed, 3 broken, 5 still wrong.",
    ]
    assert (told.outcome, told.figure) == (Outcome.BETTER, "F1 0.812 [0.790, 0.830]")
    assert tell(entry(done=())).done == ["Nothing was changed: the same data, the same settings."]


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"state": Round.OPEN, "brought": None}, Outcome.OPEN),
        ({"state": Round.FAILED, "brought": {"said": "The disk is full."}}, Outcome.FAILED),
        ({"state": Round.CANCELLED}, Outcome.CANCELLED),
        ({"state": Round.GIVEN_UP, "brought": None}, Outcome.GIVEN_UP),
        ({"brought": {"title": "Run 1", "value": 0.5}}, Outcome.FIRST),
        ({"brought": {"title": "Run 1", "said": "Damaged."}}, Outcome.UNSCORED),
        ({"brought": {"compared": {"rows": COMPARED["rows"][:1]}}}, Outcome.UNCLEAR),
    ],
)
def test_what_came_of_it_is_a_word_or_two(values: dict, outcome: Outcome) -> None:
    given = dict.fromkeys(("figure", "split"), "test") | {"support": 1}
    brought = values.get("brought")
    told = {**values, "brought": {**given, **brought}} if brought else values
    assert tell(entry(**told)).outcome is outcome


def test_files_hold_every_round_and_no_markup_of_others() -> None:
    book = Notebook(HOSTILE, [entry(state=Round.OPEN, closed_run=None, lesson=""), entry()])
    markdown, html = writing.as_markdown(book), writing.as_html(book)
    for text in (markdown, html):
        assert text.count("Focus: ORG → MISC") == 2
        assert "Nobody has written it yet." in text
        assert "ada: 12 edits in 1 sentence." in text.replace("\\", "")
        assert "12 before, 5 now" in text
    assert "<script" not in html.partition("<main>")[2] and "](http:" not in markdown
    told = json.loads(writing.as_json(book))
    assert [each["state"] for each in told["rounds"]] == ["open", "done"]
    assert told["rounds"][1]["in_words"]["done"] == SAID
    assert told["rounds"][1]["lesson"] == HOSTILE
    for empty in (writing.as_markdown, writing.as_html):
        assert "No round yet" in empty(Notebook("p", []))
