"""Branches: labels with the same words before their first "/" are told and found as one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storage import branches
from storage.cells import Cell
from storage.finding.selection import Order, Selection, parse

LABELS = ["travel/flight", "travel/hotel", "travel", "Travel/flight", "oos", "/odd", "a/b/c", "a/b"]


def test_a_branch_is_the_labels_below_a_name_and_that_name() -> None:
    found = branches.groups(LABELS)
    assert {branches.spoken(side): [LABELS[at] for at in places] for side, places in found.items()}
    assert [LABELS[at] for at in found[branches.named("travel")]] == LABELS[:3]
    assert [LABELS[at] for at in found[branches.named("a")]] == ["a/b/c", "a/b"]
    assert len(found) == 2, "one label alone is no branch, and what begins with / is below nothing"
    assert branches.spoken(branches.named("travel")) == "travel/…"
    assert branches.of("oos") == branches.spoken("oos") == "oos"


def test_spaces_around_the_sign_part_no_branch() -> None:
    found = branches.groups(["card /lost", "card/stolen", "card / found", "cards/new", "card"])
    assert found == {branches.named("card"): [0, 1, 2, 4]}


@given(st.text(min_size=1, max_size=8).map(str.strip).filter(bool))
def test_no_label_is_called_like_a_branch_and_each_is_in_its_own(label: str) -> None:
    assert branches.stem(label) is None
    assert branches.within(label, label)
    assert branches.within(branches.of(label), label)


def test_a_part_of_a_folded_table_has_a_title_and_a_queue_of_its_own() -> None:
    part = Cell(3, "test", branches.named("travel"), branches.named("a b"))
    assert part.title == "travel/… → a b/…"
    assert parse(Selection(Order.CELL, cell=part).name).cell == part
