"""The nearest among many, in portions; labels that lie among each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.likeness import nearest as module
from engine.evaluation.likeness.nearest import nearest
from engine.evaluation.likeness.overlap import LEAST, MOST, Overlap, overlap


def vectors(count: int, seed: int, width: int = 5) -> np.ndarray:
    found = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@given(st.integers(0, 2**32 - 1), st.integers(0, 9), st.integers(0, 9), st.integers(1, 4))
def test_portions_find_what_a_whole_table_has(
    seed: int, asked: int, known: int, count: int
) -> None:
    queries, keys = vectors(asked, seed), vectors(known, seed + 1)
    groups = np.arange(asked) % 3, np.arange(known) % 3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "QUERIES", 2)
        patch.setattr(module, "KEYS", 3)
        found = nearest(queries, keys, count, groups)
    table = queries @ keys.T
    table[groups[0][:, None] == groups[1]] = -np.inf
    for row, line in enumerate(table):
        best = [key for key in np.argsort(-line, kind="stable") if line[key] > -np.inf][:count]
        assert found.keys[row].tolist() == best + [-1] * (count - len(best))
        assert found.similarities[row, : len(best)] == pytest.approx(line[best], abs=1e-6)


def test_a_text_without_a_word_is_near_nothing() -> None:
    some = np.concatenate([vectors(2, 1), np.zeros((1, 5), dtype=np.float32)])
    assert nearest(some, some, 3).keys.tolist()[2] == [-1, -1, -1]
    assert 2 not in nearest(some, some, 3).keys


def around(place: list[float], count: int, seed: int) -> np.ndarray:
    found = np.array(place) + np.random.default_rng(seed).normal(size=(count, 3)) * 0.05
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_labels_overlap_as_far_as_their_marks_lie_among_each_other() -> None:
    count = 60
    crowd = np.concatenate(
        [around([1, 0, 0], count, 1), around([1, 0, 0], count, 2), around([0, 1, 0], count, 3)]
    )
    labels = ["LOC"] * count + ["ORG"] * count + ["PER"] * count
    found = overlap(labels, np.arange(3 * count), crowd)
    assert found.marks == (count,) * 3
    assert found.between("LOC", "ORG") == pytest.approx(0.5, abs=0.1)
    assert found.between("LOC", "PER") == found.between("PER", "LOC") == 0
    assert [each[1:] for each in found.pairs()][0] == ("LOC", "ORG")
    assert found.between("LOC", "LOC") is None and found.between("LOC", "new") is None
    again = Overlap.of(found.to_json())
    assert again.between("LOC", "ORG") == pytest.approx(found.between("LOC", "ORG"), abs=1e-4)


def test_a_label_of_few_marks_says_nothing_and_a_frequent_one_is_sampled() -> None:
    labels = ["A"] * (MOST + 50) + ["B"] * LEAST + ["C"] * (LEAST - 1)
    found = overlap(labels, np.arange(len(labels)), vectors(len(labels), 3))
    assert (found.labels, found.marks) == (("A", "B"), (MOST, LEAST))
    assert overlap(["A"] * 9, np.arange(9), vectors(9, 3)) == Overlap((), (), ())


def test_marks_of_one_document_are_no_neighbours() -> None:
    crowd = np.concatenate([around([1, 0, 0], 10, 1), around([0, 1, 0], 10, 2)])
    found = overlap(["A", "B"] * 10, np.arange(20) // 10, crowd)
    assert found.between("A", "B") == pytest.approx(0.5, abs=0.01)
