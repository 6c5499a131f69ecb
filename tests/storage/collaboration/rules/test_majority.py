"""What more than half of several versions say."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from storage.collaboration.rules.majority import majority
from storage.types import Span

MARKS = st.builds(
    lambda start, length, label: Span(start, start + length, label),
    st.integers(0, 6),
    st.integers(1, 3),
    st.sampled_from(["PER", "ORG"]),
)
LABELS = st.sampled_from(["a", "b", "c"]).map(lambda label: Span(0, 0, label))
VERSIONS = st.lists(st.lists(MARKS, max_size=5), max_size=6)


def _apart(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans):
        if not kept or kept[-1].end <= span.start:
            kept.append(span)
    return kept


def test_half_is_not_enough() -> None:
    one, other = Span(0, 3, "PER"), Span(4, 7, "ORG")

    assert majority([[one], [one, other]]) == (one,)
    assert majority([[one], [other]]) == ()
    assert majority([[one], [one], [other]]) == (one,)
    assert majority([[one], [], []]) == ()
    assert majority([[one, other]]) == (one, other)
    assert majority([]) == ()


@given(VERSIONS)
def test_a_mark_wins_where_more_than_half_have_it(versions: list[list[Span]]) -> None:
    won = majority(versions)

    for mark in {mark for version in versions for mark in version}:
        count = sum(mark in version for version in versions)
        assert (mark in won) == (count > len(versions) / 2)
    assert len(set(won)) == len(won)


@given(VERSIONS, st.randoms(use_true_random=False))
def test_nobody_counts_more_than_another(versions: list[list[Span]], random: Random) -> None:
    shuffled = random.sample(versions, len(versions))

    assert set(majority(shuffled)) == set(majority(versions))


@given(st.lists(st.lists(MARKS, max_size=5).map(_apart), max_size=6))
def test_winners_never_overlap_where_no_version_does(versions: list[list[Span]]) -> None:
    won = sorted(majority(versions))

    assert _apart(won) == won


@given(st.lists(st.lists(LABELS, max_size=1), max_size=6))
def test_of_one_label_a_document_one_wins_or_none(versions: list[list[Span]]) -> None:
    assert len(majority(versions)) <= 1
