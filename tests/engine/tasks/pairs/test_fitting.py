"""What answers of pairs say of how well the second text fits."""

from __future__ import annotations

import numpy as np
import pytest

from engine import tasks


@pytest.mark.parametrize(
    ("labels", "answers"),
    [
        (["match", "no match"], ("match", "no match")),
        (["0", "1", "2", "3"], ("3", "0")),
        (["duplicate"], ("duplicate", "no match")),
        ([], ("match", "no match")),
        (["no"], ("match", "no")),
    ],
)
def test_accept_and_reject_have_an_answer_whatever_the_labels_are(
    labels: list[str], answers: tuple[str, str]
) -> None:
    fitting = tasks.get("pairs").fitting
    assert fitting and fitting.answers(labels) == answers
    assert fitting.grade(answers[0]) > fitting.grade(answers[1]) == 0


def test_relevance_is_the_expected_grade() -> None:
    fitting = tasks.get("pairs").fitting
    assert fitting
    found = fitting.relevance(np.array([[0.5, 0.0, 0.5], [1.0, 0.0, 0.0]]), ["0", "1", "3"])
    assert found.tolist() == [1.5, 0.0]


def test_a_task_of_one_text_has_none() -> None:
    assert tasks.get("spans").fitting is tasks.get("classes").fitting is None
