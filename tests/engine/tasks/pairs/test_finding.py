"""What a bi-encoder finds for dev's questions: what its order is judged by, and weighed by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.tasks.pairs.biencoder.finding import Finder
from engine.tasks.pairs.fitting import Graded
from tests.engine.tasks.pairs.corpus import LABELS, pair

FITS, NOT = LABELS


def embed(texts: Sequence[str]) -> np.ndarray:
    """Put each text, a number, at so many degrees."""
    turned = np.radians([float(text) for text in texts])
    return np.stack([np.cos(turned), np.sin(turned)], axis=1)


def test_the_nearest_texts_are_candidates_and_what_nobody_judged_counts_as_wrong() -> None:
    judged = [pair("0", "20", FITS), pair("0", "10", NOT), pair("50", "60", FITS)]
    found = Finder(judged, ["10", "20", "60", "5"], 1, Graded())
    pairs, grades = found.candidates(embed, 2, 3)
    assert [(each.text, each.second_text) for each in pairs] == [
        *(("0", second) for second in ("5", "10", "20")),
        *(("50", second) for second in ("60", "20", "10")),
    ]
    assert grades == [0, 0, 1, 1, 0, 0]
    assert [each.text for each in found.candidates(embed, 1, 1)[0]] == ["0"]


def test_without_a_question_that_has_an_answer_there_are_no_candidates() -> None:
    assert Finder([pair("0", "1", NOT)], ["1"], 1, Graded()).candidates(embed, 9, 9) == ([], [])
