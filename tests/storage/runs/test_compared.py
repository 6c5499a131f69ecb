"""Documents by what became of their marks between two runs, as the figures count them."""

from __future__ import annotations

import pytest

from storage.corpus import documents
from storage.database.connection import Database
from storage.finding import focus, queues, reasons
from storage.finding.selection import Order, Selection, parse
from storage.journal.state import State
from storage.outcomes import Compared, Outcome
from storage.runs import compared, reports, runs
from storage.types import Document, ErrorKind, Match, Project, Span, Split

PER, LOC, ORG = Span(0, 3, "PER"), Span(4, 7, "LOC"), Span(0, 3, "ORG")


def stored(db: Database, project: Project, *sides: tuple[int, Span | None, Span | None]) -> int:
    """Store a report with these matches: document, gold, predicted."""
    run = runs.create_run(db, project.id, {}).id
    matches = [
        Match(document, gold, found, ErrorKind.EXACT if gold == found else ErrorKind.TYPE)
        for document, gold, found in sides
    ]
    reports.store_report(db, run, {}, {Split.TEST: matches})
    return run


@pytest.fixture
def two(db: Database, project: Project) -> tuple[int, int, list[int]]:
    """Two runs: the first document was fixed, the second broken, the third wrong in both."""
    documents.add_documents(db, project.id, [Document(f"Ada Rom {n}") for n in range(4)], "ada")
    one, two, three, four = ids = documents.list_ids(db, project.id)
    a = stored(db, project, (one, PER, None), (two, PER, PER), (three, PER, ORG), (one, LOC, LOC))
    b = stored(
        db, project,
        (one, PER, PER), (two, PER, None), (three, PER, None), (one, LOC, LOC), (four, PER, PER),
    )  # fmt: skip
    return a, b, ids


@pytest.mark.parametrize(
    ("outcome", "label", "places"),
    [
        (Outcome.FIXED, "", [0]),
        (Outcome.BROKEN, "", [1]),
        (Outcome.WRONG, "PER", [2]),
        (Outcome.RIGHT, "LOC", [0]),
        (Outcome.BROKEN, "LOC", []),
    ],
)
def test_documents_by_outcome_and_label(
    db: Database, two: tuple, outcome: Outcome, label: str, places: list[int]
) -> None:
    a, b, ids = two
    asked = Compared(a, b, "test", outcome, label)
    # The fourth was not scored by the first run: nothing became of it.
    assert compared.documents(db, asked) == [ids[place] for place in places]
    assert compared.documents(db, asked._replace(split="dev")) == []


def test_a_mark_that_was_relabelled_since_is_held_against_the_newer_label(
    db: Database, project: Project
) -> None:
    documents.add_documents(db, project.id, [Document("Ada Rom")], "ada")
    (one,) = documents.list_ids(db, project.id)
    a = stored(db, project, (one, PER, ORG))
    b = stored(db, project, (one, ORG, ORG))
    assert compared.documents(db, Compared(a, b, "test", Outcome.RIGHT)) == [one]


def test_they_are_a_queue_with_a_name_a_reason_and_a_place(
    db: Database, project: Project, two: tuple
) -> None:
    a, b, ids = two
    selection = Selection(Order.COMPARED, compared=Compared(a, b, "test", Outcome.BROKEN, "PER/x%"))
    assert parse(selection.name) == selection
    selection = Selection(Order.COMPARED, compared=Compared(a, b, "test", Outcome.BROKEN))
    queue = queues.choose(db, project.id, selection)
    assert list(queue.ids) == [ids[1]]
    assert reasons.why(queue, ids[1]) == "From the comparison of two runs: Broken."
    assert focus.focus(db, selection, ids[1], State(), None) == PER
    assert focus.focus(db, selection, ids[0], State(), None) is None


@pytest.mark.parametrize(
    "name", ["compared/1/2/test", "compared/1/2/test/lost/", "compared/x/2/t/fixed/"]
)
def test_an_address_can_hold_anything(name: str) -> None:
    assert parse(name) is None
