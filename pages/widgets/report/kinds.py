"""The view of kinds of error: what goes wrong, and with which label; each number opens its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from engine import tasks
from pages.widgets.common import words
from pages.widgets.common.errors import literal
from pages.widgets.parts.lists import Row, Table
from pages.widgets.report.filters import meanings
from storage.cells import ANY, Cell, Only
from storage.database.store import database
from storage.facts import GOLD, PREDICTED, SPOKEN, WRONG, Filter
from storage.runs import filtering
from storage.runs.filtering import Tally

if TYPE_CHECKING:
    from pages.widgets.report.views import Shown

NUMBER, TEXT = st.column_config.NumberColumn, st.column_config.TextColumn
EITHER, GIVEN, FOUND = "Either side", "Given by people", "Given by the model"
ABOUT = (
    "Every {mark} that is not right, in exactly one kind: those that people gave add up to all "
    "that was not found, those that the model gave to all that it should not have given. Each "
    "number opens its {documents}."
)


def listen(shown: Shown) -> None:
    """Open what the clicked number counts."""
    if not shown.unfiltered:
        for table in _tables(shown):
            table.listen(shown.run, shown.split)


def draw(shown: Shown) -> None:
    """Draw a table of kinds, and one of labels by kinds."""
    if shown.unfiltered:
        st.info(literal(shown.unfiltered), icon=":material/info:")
        return
    kinds, labels = _tables(shown)
    st.caption(shown.words.fill(ABOUT))
    kinds.draw(shown.run, shown.split)
    if labels.rows:
        with st.container(key="kinds-side"):
            st.segmented_control(
                "Count a label on",
                [EITHER, GIVEN, FOUND],
                default=st.session_state.get("kinds-side-of", EITHER),
                required=True,
                key="kinds-side-of",
            )
        labels.draw(shown.run, shown.split)


def _tables(shown: Shown) -> tuple[Table, Table]:
    counted = filtering.tally(database(), shown.run.id, shown.split, shown.asked)
    wrong = [each for each in counted if each.error]
    task = tasks.get(shown.project.task)
    # A filter may already ask for one kind; the others would open nothing of theirs.
    kinds = {
        name: about
        for name, about in task.error_kinds.items()
        if shown.asked.meet(Filter(error=name)) is not None
    }
    return _kinds(shown, kinds, task.borders, wrong), _labels(shown, kinds, wrong)


def _kinds(
    shown: Shown, kinds: Mapping[str, str], borders: Mapping[str, str], wrong: Sequence[Tally]
) -> Table:
    columns = {
        "kind": TEXT("Kind of error", pinned=True, width=178, help=meanings({**kinds, **borders})),
        "errors": _number("Errors", "{Marks} on both sides that belong together are one error."),
        "gold": _number("Labelled", "{Marks} in these errors that people gave."),
        "predicted": _number("Marked", "{Marks} in these errors that the model gave."),
    }
    rows = []
    for name in kinds:
        alike = [each for each in wrong if each.error == name]
        rows.append(_kind(shown, Filter(name), alike))
        for border in borders:
            if same := [each for each in alike if each.border == border]:
                rows.append(_kind(shown, Filter(name, border), same))
    return Table("kinds", [*rows, _all(shown, wrong)], words.filled(columns, shown.words))


def _kind(shown: Shown, asked: Filter, alike: Sequence[Tally]) -> Row:
    """Return the row of a kind, or of how borders differ in it.

    Of its two sides the one with fewer spans has one in each error.
    """
    gold, predicted = _sides(alike)
    one = GOLD if gold and (gold <= predicted or not predicted) else PREDICTED
    sides = {"errors": one, "gold": GOLD, "predicted": PREDICTED}
    numbers = {"errors": min(gold, predicted) or max(gold, predicted)}
    numbers |= {"gold": gold, "predicted": predicted}
    cells = {name: _errors(shown, replace(asked, side=side)) for name, side in sides.items()}
    title = f"– {asked.border}" if asked.border else _title(asked.error)
    return Row({"kind": title, **numbers}, _errors(shown, asked), cells)


def _all(shown: Shown, wrong: Sequence[Tally]) -> Row:
    gold, predicted = _sides(wrong)
    cells = {side: _errors(shown, Filter(side=side)) for side in (GOLD, PREDICTED)}
    figures = {"kind": "All of them", "gold": gold, "predicted": predicted}
    return Row(figures, _errors(shown, Filter()), cells)


def _sides(counted: Sequence[Tally]) -> tuple[int, int]:
    """Return how many labelled and how many marked spans there are."""
    gold = sum(each.count for each in counted if each.gold)
    return gold, sum(each.count for each in counted if each.predicted)


def _labels(shown: Shown, kinds: Mapping[str, str], wrong: Sequence[Tally]) -> Table:
    """Return a row a label with its number of each kind, the one with most errors first."""
    present = [name for name in kinds if any(each.error == name for each in wrong)]
    side = st.session_state.get("kinds-side-of") or EITHER
    rows = []
    for label in sorted({name for each in wrong for name in _names(each, side)}):
        own = [each for each in wrong if label in _names(each, side)]
        numbers = {n: sum(each.count for each in own if each.error == n) for n in present}
        cells = {name: _of_label(shown, label, side, Filter(name)) for name in present}
        figures = {"label": label, **numbers}
        total = sum(numbers.values())
        rows.append((-total, Row({**figures, "all": total}, _of_label(shown, label, side), cells)))
    titles = {name: _number(_title(name), kinds[name]) for name in present}
    columns = {"label": TEXT("Label", pinned=True), **titles, "all": _number("All")}
    return Table("kinds-labels", [row for _, row in sorted(rows, key=lambda one: one[0])], columns)


def _names(counted: Tally, side: str) -> Iterator[str]:
    """Yield the labels that matches alike are counted for."""
    if counted.gold and side in (EITHER, GIVEN):
        yield counted.gold
    if counted.predicted and side in (EITHER, FOUND):
        yield counted.predicted


def _of_label(shown: Shown, label: str, side: str, asked: Filter = Filter(WRONG)) -> Cell:
    """Return the errors that have a label on a side."""
    if side == EITHER:
        return Cell(shown.run.id, shown.split, label, only=Only.ERRORS, filter=asked)
    sides = (label, ANY) if side == GIVEN else (ANY, label)
    return Cell(shown.run.id, shown.split, *sides, filter=asked)


def _errors(shown: Shown, asked: Filter) -> Cell:
    return Cell(shown.run.id, shown.split, ANY, only=Only.ERRORS, filter=asked)


def _title(name: str) -> str:
    return SPOKEN.get(name, name).capitalize()


def _number(title: str, about: str | None = None) -> Any:
    return NUMBER(title, format="localized", width=64, help=about)
