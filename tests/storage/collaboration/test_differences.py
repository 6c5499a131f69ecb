"""In which places several versions of one document differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.collaboration.differences import Differing, disputed, find
from storage.types import Span

MARKS = st.builds(
    lambda start, length, label: Span(start, start + length, label),
    st.integers(0, 12),
    st.integers(1, 4),
    st.sampled_from(["PER", "ORG"]),
)
VERSIONS = st.lists(st.lists(MARKS, max_size=6), min_size=2, max_size=6)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ([Span(0, 4, "PER")], [Span(0, 4, "ORG")], Differing.LABEL),
        ([Span(0, 4, "PER")], [Span(0, 6, "PER")], Differing.BORDERS),
        ([Span(0, 4, "PER")], [Span(2, 6, "ORG")], Differing.BOTH),
        ([Span(0, 4, "PER")], [], Differing.SOME),
        ([Span(0, 9, "ORG")], [Span(0, 4, "ORG"), Span(5, 9, "ORG")], Differing.BORDERS),
        ([Span(0, 0, "sport")], [Span(0, 0, "news")], Differing.LABEL),
    ],
)
def test_how_two_differ(one: list[Span], other: list[Span], kind: Differing) -> None:
    agreed = [] if one[0].whole else [Span(20, 25, "PER")]

    (found,) = find([[*one, *agreed], [*other, *agreed]])

    assert (found.kind, found.sides) == (kind, (tuple(one), tuple(other)))
    assert (found.start, found.end) == (0, max(mark.end for mark in [*one, *other]))


def test_where_nobody_differs_there_is_nothing() -> None:
    same = [Span(0, 4, "PER", id="a")], [Span(0, 4, "PER", id="b")]

    assert find(same) == []
    assert find([]) == []


def test_of_many_those_who_have_nothing_there_are_one_side() -> None:
    (found,) = find([[Span(0, 4, "PER")], [], [Span(0, 4, "PER")], []])

    assert found.kind is Differing.SOME
    assert [bool(side) for side in found.sides] == [True, False, True, False]


def test_several_labels_of_a_document_are_questions_of_their_own() -> None:
    sport, news = Span(0, 0, "sport"), Span(0, 0, "news")

    assert len(find([[sport], [news]])) == 1
    assert [each.marks for each in find([[sport], [news]], several=True)] == [(news,), (sport,)]


@given(VERSIONS)
def test_every_disputed_mark_is_in_one_place(versions: list[list[Span]]) -> None:
    found = find(versions)

    assert sorted(mark for each in found for mark in each.marks) == sorted(disputed(versions))
    for version, number in zip(versions, range(len(versions)), strict=True):
        sides = {mark for each in found for mark in each.sides[number]}
        assert sides == set(version) & disputed(versions)


@given(VERSIONS)
def test_places_lie_apart_and_in_order(versions: list[list[Span]]) -> None:
    found = find(versions)

    assert all(one.end <= other.start for one, other in zip(found, found[1:], strict=False))
    for each in found:
        assert (each.start, each.end) == (each.marks[0].start, max(m.end for m in each.marks))
