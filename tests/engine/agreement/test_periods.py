"""Agreement over time."""

from __future__ import annotations

import numpy as np
import pytest

from engine.agreement import everyone, periods, versions
from engine.agreement.everyone import SHARED, Shared
from engine.agreement.periods import By
from engine.agreement.versions import Versions
from tests.engine.agreement.answered import answers, texts

LABELS = ("A", "B")


@pytest.fixture(scope="module")
def asked() -> Versions:
    """250 documents of which the second person finishes the first hundred a month earlier."""
    documents = texts(250, LABELS, seed=1)
    found = answers(documents, [0.1, 0.2], LABELS)
    when = {("person 0", id): "2026-01-01T12:00:00" for id in found["person 0"]}
    when |= {
        ("person 1", id): f"2026-0{2 if id <= 100 else 3}-02T12:00:00" for id in found["person 1"]
    }
    return versions.of_answers(documents, found, when=when)


def test_a_document_belongs_to_the_week_in_which_the_last_one_finished_it(asked: Versions) -> None:
    found = periods.course(asked)
    assert [(str(each.begin)[:10], each.documents) for each in found] == [
        ("2026-02-02", 100),
        ("2026-03-02", 150),
    ]


def test_steps_are_of_a_hundred_documents_and_the_last_of_what_is_left(asked: Versions) -> None:
    found = periods.course(asked, By.DOCUMENTS, "B")
    assert [each.documents for each in found] == [100, 100, 50]
    first = everyone.compare(asked.of_documents(asked.documents <= 100))
    assert found[0].alpha == pytest.approx(first.values[SHARED.index(Shared.ALPHA), 2])
    assert found[0].low < found[0].alpha < found[0].high


def test_a_week_runs_from_monday_to_sunday() -> None:
    documents = texts(3, LABELS)
    days = {1: "2026-11-23", 2: "2026-11-29", 3: "2026-11-30"}
    when = {(who, id): f"{day}T10:00:00" for who in ("a", "b") for id, day in days.items()}
    nothing = dict.fromkeys(days, ())
    found = versions.of_answers(documents, {"a": nothing, "b": nothing}, LABELS, when=when)
    assert [each.documents for each in periods.course(found)] == [2, 1]
    assert periods.course(found)[0].alpha is None


def test_what_nobody_knows_the_time_of_has_no_place_in_it(asked: Versions) -> None:
    bare = versions.of_answers(texts(2, LABELS), {"a": {1: ()}, "b": {1: ()}}, LABELS)
    assert np.isnat(bare.when).all() and periods.course(bare) == []
