"""The picture of the confusion table: every count is in it, and in words beside it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.confusion import Confusion
from engine.exports import drawing
from engine.exports.plain import plain
from tests.engine.exports.subjects import HOSTILE, MANY, subject

SVG = "{http://www.w3.org/2000/svg}"


def table(labels: tuple[str, ...]) -> Confusion:
    return Confusion.of(subject(labels).report["test"])


def cells(root: ElementTree.Element) -> list[ElementTree.Element]:
    return [r for r in root.iter(f"{SVG}rect") if r.get("class") in ("cm-right", "cm-wrong")]


@pytest.mark.parametrize("labels", [("A", "B"), ("LOC", "MISC", "ORG", "PER"), HOSTILE, MANY])
def test_each_count_is_a_cell_with_its_tooltip(labels: tuple[str, ...]) -> None:
    found = table(labels)
    root = ElementTree.fromstring(drawing.draw(found, "T", "test"))
    told = [cell.findtext(f"{SVG}title") or "" for cell in cells(root)]
    expected = [
        f"{plain(gold)} → {plain(predicted)}: {count:,} ("
        for gold, counts in zip(found.rows, found.counts, strict=True)
        for predicted, count in zip(found.columns, counts, strict=True)
        if count
    ]
    assert [text[: len(start)] for text, start in zip(told, expected, strict=True)] == expected


@pytest.mark.parametrize("labels", [("A", "B"), HOSTILE, MANY])
def test_everything_stands_within_the_picture(labels: tuple[str, ...]) -> None:
    root = ElementTree.fromstring(drawing.draw(table(labels), "T", "test"))
    _, _, width, height = map(float, (root.get("viewBox") or "").split())
    for each in [*root.iter(f"{SVG}text"), *cells(root)]:
        assert 0 <= float(each.get("x") or -1) <= width
        assert 0 <= float(each.get("y") or -1) <= height


@pytest.mark.parametrize("labels", [HOSTILE, MANY])
def test_every_label_is_named_whole(labels: tuple[str, ...]) -> None:
    root = ElementTree.fromstring(drawing.draw(table(labels), "T", "test"))
    names = {t.findtext(f"{SVG}title") or t.text for t in root.iter(f"{SVG}text")}
    assert {plain(label) for label in labels} <= names


def test_numbers_stand_in_the_cells_also_of_many_labels() -> None:
    found = table(MANY)
    root = ElementTree.fromstring(drawing.draw(found, "T", "test"))
    (group,) = (g for g in root.iter(f"{SVG}g") if g.get("class") == "cm-number")
    shown = [text.text for text in group]
    assert shown == [str(count) for counts in found.counts for count in counts if count]


@given(st.integers(0, 10**9))
def test_a_number_that_is_too_wide_is_shortened(count: int) -> None:
    counts = [[count, 0], [0, 0]]
    root = ElementTree.fromstring(drawing.draw(Confusion(["A"], counts, [0]), "T", "test"))
    shown = [t.text or "" for g in root.iter(f"{SVG}g") for t in g if g.get("class") == "cm-number"]
    digits = str(count)
    assert shown in ([f"{count:,}"], [f"{digits[:-3]}k"], [f"{digits[:-6]}M"]) or not count


def test_it_says_in_words_what_it_shows() -> None:
    counts = [[7, 2, 1], [0, 5, 4], [0, 3, 0]]
    source = drawing.draw(Confusion(["LOC", "PER"], counts, [6, 5]), "Confusion & more", "test")
    root = ElementTree.fromstring(source)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "test-t test-d"
    assert root.findtext(f"{SVG}title") == "Confusion & more"
    assert root.findtext(f"{SVG}desc") == (
        "Gold labels are rows, predicted labels are columns; 2 labels. On the diagonal both agree: "
        "12 of 19. The last column was missed, the last row was found where nothing is labelled. "
        "The most frequent mistakes: PER → (missed) 4; (spurious) → PER 3; LOC → PER 2; LOC → "
        "(missed) 1."
    )


def test_where_nothing_is_labelled_there_is_still_a_picture() -> None:
    root = ElementTree.fromstring(drawing.draw(Confusion([], [[0]], []), "T", "test"))
    assert cells(root) == []


def test_alone_it_paints_its_own_paper() -> None:
    source = drawing.render(subject())
    assert 'class="cm-paper"' in source and "prefers-color-scheme: dark" in source
    ElementTree.fromstring(source)
