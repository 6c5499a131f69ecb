"""Which label words would get that a model does not mark."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.tasks.spans import guessing
from storage.types import Document, Source, Span

LABELS = ["PER", "LOC"]
# O, B-PER, I-PER, B-LOC, I-LOC
NOTHING = [1.0, 0.0, 0.0, 0.0, 0.0]
PERSON = [0.9, 0.06, 0.02, 0.02, 0.0]
PLACE = [0.9, 0.0, 0.02, 0.04, 0.04]


def document(words: int, *spans: Span) -> Document:
    tokens = tuple((3 * n, 3 * n + 2) for n in range(words))
    return Document("ab " * words, tokens, spans)


def scores(*rows: list[float]) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.log(np.array(rows, np.float32).reshape(-1, 5))


def test_words_of_one_likeliest_label_are_one_guess() -> None:
    found = guessing.beside(document(4), scores(PERSON, PERSON, NOTHING, PLACE), LABELS)
    assert found == (Span(0, 5, "PER"), Span(9, 11, "LOC"))
    assert [round(span.score or 0, 2) for span in found] == [0.8, 0.8]
    assert {span.source for span in found} == {Source.MODEL}


def test_what_is_marked_is_not_guessed() -> None:
    marked = document(4, Span(4, 8, "LOC"))
    found = guessing.beside(marked, scores(PERSON, PERSON, PERSON, PERSON), LABELS)
    assert found == (Span(0, 2, "PER"), Span(9, 11, "PER"))


def test_nothing_is_guessed_of_what_could_be_anything() -> None:
    many = [f"label {n}" for n in range(5)]
    even = np.log(np.array([[0.5, *[0.05] * 10]], np.float32))
    assert guessing.beside(document(1), even, many) == ()
    assert guessing.beside(document(2), np.zeros((2, 1), np.float32), []) == ()
    assert guessing.beside(document(0), scores(), LABELS) == ()


@given(arrays(np.float32, (6, 5), elements=st.floats(0, 1, width=32)), st.integers(0, 5))
def test_guesses_are_whole_words_apart_from_one_another_and_from_marks(rows, word) -> None:
    mark = Span(3 * word, 3 * word + 2, "PER")
    marked = document(6, mark)
    found = guessing.beside(marked, scores(*rows.tolist()), LABELS)
    starts, ends = ({token[side] for token in marked.tokens} for side in (0, 1))
    assert all(each.start in starts and each.end in ends for each in found)
    together = sorted([*found, mark], key=lambda span: span.start)
    assert all(a.end <= b.start for a, b in zip(together, together[1:], strict=False))
    assert all(guessing.SURE <= (each.score or 0) <= 1.0001 for each in found)
