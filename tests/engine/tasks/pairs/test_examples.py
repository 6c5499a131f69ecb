"""What a bi-encoder learns from, and which texts are negatives of which."""

from __future__ import annotations

import numpy as np

from engine.tasks.pairs.biencoder import examples, mining
from engine.tasks.pairs.fitting import Graded
from tests.engine.tasks.pairs.corpus import pair


def of(*rows: tuple[str, str, str], labels: tuple[str, ...] = ("match", "no match")):
    return examples.of([pair(*row) for row in rows], labels, Graded())


def said(found: examples.Examples) -> list[tuple[str, str]]:
    return [(found.texts[first], found.texts[second]) for first, second in found.pairs.tolist()]


def test_pairs_that_fit_are_examples_each_once() -> None:
    found = of(
        ("q", "a", "match"), ("q", "b", "no match"), ("q", "a", "match"), ("x", "x", "match")
    )
    assert said(found) == [("q", "a")]
    assert [found.texts[text] for text in found.rights] == ["a", "b", "x"]


def test_of_grades_only_the_better_half_is_an_example_and_no_grade_a_negative() -> None:
    grades = ("0", "1", "2", "3")
    found = of(("q", "a", "3"), ("q", "b", "1"), ("q", "c", "2"), ("q", "d", "0"), labels=grades)
    assert said(found) == [("q", "a"), ("q", "c")]
    known = {found.texts[text] for text in found.known(0)}
    assert known == {"q", "a", "b", "c"}


def test_what_was_refused_is_the_first_negative_and_examples_take_turns() -> None:
    found = of(
        *(("q", text, "match") for text in "ab"),
        *(("q", text, "no match") for text in "cd"),
        ("r", "e", "match"),
    )
    judged = [[found.texts[text] if text >= 0 else "" for text in row] for row in found.judged(1)]
    assert judged == [["c"], ["d"], [""]]


def test_texts_of_one_group_are_one_question() -> None:
    rows = [pair("q", "a", "match", group="g"), pair("q again", "b", "match", group="g")]
    found = examples.of(rows, ("match", "no match"), Graded())
    assert {found.texts[text] for text in found.known(0)} == {"q", "a", "b"}


def test_mined_negatives_are_near_and_never_known_to_fit() -> None:
    found = of(*((f"q{n}", f"a{n}", "match") for n in range(40)), ("q0", "a1", "match"))
    angles = np.linspace(0, np.pi, 40)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    among = found.rights
    firsts = vectors[[int(found.texts[first][1:]) for first in found.pairs[:, 0]]]
    mined = mining.mine(found, firsts, vectors, among, 3, seed=1, epoch=2)
    assert (mined >= 0).all()
    for example, row in enumerate(mined.tolist()):
        assert not set(row) & found.known(example)
        own = int(found.texts[found.pairs[example, 0]][1:])
        far = [abs(int(found.texts[text][1:]) - own) for text in row]
        assert len(set(row)) == 3 and max(far) <= mining.NEAR + 2
    again = mining.mine(found, firsts, vectors, among, 3, seed=1, epoch=2)
    other = mining.mine(found, firsts, vectors, among, 3, seed=1, epoch=3)
    assert np.array_equal(mined, again) and not np.array_equal(mined, other)
