"""What stands for a span among its document's tokens."""

from __future__ import annotations

import numpy as np

from engine.tasks.spans import marks
from storage.types import Span
from tests.engine import tiny

DOCUMENT = tiny.document("Ada met Bob Kent")


def test_a_span_is_the_mean_of_its_tokens_and_nothing_without_one() -> None:
    rows = np.arange(8, dtype=np.float32).reshape(4, 2)
    spans = [Span(8, 16, "X"), Span(3, 4, "X"), Span(9, 10, "X"), Span(0, 3, "X")]
    found = marks.vectors(DOCUMENT, spans, rows)
    assert found.tolist() == [[5, 6], [0, 0], [4, 5], [0, 1]]


def test_a_label_is_as_probable_as_its_two_tags_together() -> None:
    shares = np.array([[0.1, 0.5, 0.1, 0.2, 0.1]] * 2 + [[0.2, 0.2, 0.2, 0.4, 0.0]] * 2)
    found = marks.chances(DOCUMENT, [Span(4, 11, "X")], np.log(np.maximum(shares, 1e-9)))
    assert np.allclose(found, [[0.5, 0.35]])
