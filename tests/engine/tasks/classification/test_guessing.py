"""Guesses: what a model would say next of a document, for one key each and for a palette."""

import numpy as np
import pytest

from engine.tasks.classification.guessing import FEW, MOST, beside
from storage.types import Source, Span

LABELS = [f"l{n:03}" for n in range(150)]


def of(chances: list[float], given: tuple[str, ...] = ()) -> list[tuple[str, float | None]]:
    marks = [Span(0, 0, label) for label in given]
    with np.errstate(divide="ignore"):
        found = beside(marks, np.log(np.array(chances, dtype=np.float32)), LABELS[: len(chances)])
    assert all(span.whole and span.source is Source.MODEL for span in found)
    return [(span.label, span.score) for span in found]


def test_the_likeliest_come_first_without_what_the_model_says_by_itself() -> None:
    found = of([0.1, 0.6, 0.05, 0.25], ("l001",))
    assert found == [("l003", pytest.approx(0.25)), ("l000", pytest.approx(0.1)), found[2]]


def test_a_sure_model_still_has_a_guess_for_each_key_and_no_more() -> None:
    assert len(of([1.0] + [0.0] * 149, ("l000",))) == FEW


def test_of_hundreds_of_labels_only_the_likeliest_are_put_in_order() -> None:
    found = of([1 / 150] * 150)
    assert [label for label, _ in found] == LABELS[:MOST]


def test_there_are_no_more_guesses_than_labels() -> None:
    assert of([0.5, 0.5], ("l000",)) == [("l001", pytest.approx(0.5))]
