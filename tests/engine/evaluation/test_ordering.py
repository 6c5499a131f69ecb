"""The order of labels: all of them, each once, and what is confused stands together."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csgraph, csr_array

from engine.evaluation import ordering
from engine.evaluation.confusion import Confusion


def table(counts: np.ndarray) -> Confusion:
    size = len(counts) - 1
    diagonal = [int(counts[n, n]) for n in range(size)]
    return Confusion([f"L{n:03}" for n in range(size)], counts.tolist(), diagonal)


@st.composite
def tables(draw) -> Confusion:
    size = draw(st.integers(0, 14))
    numbers = st.lists(st.sampled_from([0, 0, 0, 1, 9]), min_size=size + 1, max_size=size + 1)
    counts = np.array([draw(numbers) for _ in range(size + 1)], dtype=np.int64)
    counts[-1, -1] = 0
    return table(counts)


@given(tables())
def test_every_label_is_there_once_in_each_order(drawn: Confusion) -> None:
    assert sorted(ordering.by_errors(drawn)) == list(drawn.labels)
    found = ordering.groups(drawn)
    assert sorted(name for group in found for name in group) == list(drawn.labels)


@given(tables())
def test_neighbours_are_in_one_group_and_never_further_apart_than_by_name(drawn: Confusion) -> None:
    near, place = ordering.neighbours(drawn), {name: n for n, name in enumerate(drawn.labels)}
    for group in ordering.groups(drawn):
        nodes = [place[name] for name in group]
        assert all(set(near[node]) <= set(nodes) for node in nodes)
        assert ordering.bandwidth(near, nodes) <= ordering.bandwidth(near, sorted(nodes))


def test_as_close_as_scipy_puts_them() -> None:
    chance = np.random.default_rng(0)
    ours, theirs, shuffled = 0, 0, 0
    for _ in range(40):
        size = 30
        path = np.diag(np.ones(size - 1), 1) + np.diag(chance.random(size - 2) < 0.5, 2)
        mixed = chance.permutation(size)
        graph = (path + path.T)[np.ix_(mixed, mixed)]
        near = [np.flatnonzero(row).tolist() for row in graph]
        order = csgraph.reverse_cuthill_mckee(csr_array(graph), symmetric_mode=True).tolist()
        ours += ordering.bandwidth(near, ordering.reverse_cuthill_mckee(near, range(size)))
        theirs += ordering.bandwidth(near, order)
        shuffled += ordering.bandwidth(near, range(size))
    assert ours <= theirs < shuffled / 4


def test_labels_that_are_confused_stand_together_and_the_worst_group_comes_first() -> None:
    counts = np.diag([50, 50, 50, 50, 50, 0])
    counts[0, 3] = counts[4, 1] = 10
    counts[3, 0] = 2
    assert ordering.groups(table(counts)) == [["L000", "L003"], ["L001", "L004"], ["L002"]]
    assert ordering.by_errors(table(counts)) == ["L000", "L003", "L001", "L004", "L002"]


def test_a_share_below_the_threshold_is_no_neighbour() -> None:
    counts = np.diag([91, 89, 0])
    counts[0, 1] = 9
    assert ordering.groups(table(counts)) == [["L000"], ["L001"]]
    counts[0, 1] = 11
    assert ordering.groups(table(counts)) == [["L000", "L001"]]


@given(tables())
def test_a_grouped_table_counts_the_same(drawn: Confusion) -> None:
    found = ordering.grouped(drawn)

    def counted(table: Confusion) -> dict[tuple[str, str], int]:
        return {
            (gold, predicted): count
            for gold, counts in zip(table.rows, table.counts, strict=True)
            for predicted, count in zip(table.columns, counts, strict=True)
        }

    assert counted(found) == counted(drawn)
    exact = dict(zip(drawn.labels, drawn.exact, strict=True))
    assert dict(zip(found.labels, found.exact, strict=True)) == exact
