"""An index: an exact one finds what comparing everything finds, the other nearly all of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.retrieval import index
from storage.errors import RunFolderError


def directions(rows: int, width: int = 8, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((rows, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@given(st.integers(0, 40), st.integers(1, 5), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_an_exact_index_finds_what_comparing_everything_finds(
    rows: int, asked: int, most: int, seed: int
) -> None:
    vectors, queries = directions(rows, seed=seed), directions(asked, seed=seed + 1)
    built, described = index.build(vectors)
    similarities, found = built.search(queries, most)
    near = np.sort(queries @ vectors.T, axis=1)[:, ::-1][:, :most]
    assert (described.kind, described.recall) == ("exact", 1.0)
    assert np.allclose(similarities, near, atol=1e-6)
    assert np.allclose(np.take_along_axis(queries @ vectors.T, found, 1), near, atol=1e-6)


def test_above_its_border_lists_are_read_and_the_recall_is_measured(tmp_path: Path) -> None:
    vectors = directions(600)
    built, described = index.build(vectors, exact=500)
    assert described.kind == "inverted file"
    assert described.recall >= index.WANTED
    assert 1 <= described.read <= described.lists
    queries = directions(20, seed=1)
    _, wanted = index.Index(vectors).search(queries, 10)
    _, found = built.search(queries, 10)
    assert index.recall(wanted, found) > 0.9
    index.save(tmp_path, built)
    assert (index.load(tmp_path, vectors).search(queries, 10)[1] == found).all()


def test_an_index_of_other_vectors_is_refused(tmp_path: Path) -> None:
    index.save(tmp_path, index.build(directions(600), exact=500)[0])
    with pytest.raises(RunFolderError, match="is of other vectors"):
        index.load(tmp_path, directions(700))
    (tmp_path / index.FILE).write_bytes(b"torn")
    with pytest.raises(RunFolderError, match="cannot be read"):
        index.load(tmp_path, directions(600))


def test_building_can_be_stopped() -> None:
    class Stop(Exception):
        pass

    def stop() -> None:
        raise Stop

    with pytest.raises(Stop):
        index.build(directions(600), stop, exact=500)
