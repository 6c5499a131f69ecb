"""The sentences of the open part of a confusion table: each one click away from the tagger."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.evaluation.confusion import Confusion
from pages.widgets import walk
from pages.widgets.common import words
from pages.widgets.common.colors import Shade
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.focus import steps
from pages.widgets.parts import choice, table
from storage.branches import groups, spoken
from storage.cells import ANY, MISSED, SPURIOUS, Cell, Only
from storage.database.store import database
from storage.facts import Filter
from storage.finding.selection import Order, Selection
from storage.runs import reports
from storage.types import ErrorKind, Project, Run
from storage.words import Words

KINDS: dict[ErrorKind, tuple[str, Shade]] = {
    ErrorKind.EXACT: ("right", "green"),
    ErrorKind.BOUNDARY: ("wrong borders", "orange"),
    ErrorKind.TYPE: ("wrong {label}", "red"),
    ErrorKind.TYPE_AND_BOUNDARY: ("wrong {label} and borders", "red"),
    ErrorKind.MISSED: ("missed", "orange"),
    ErrorKind.SPURIOUS: ("spurious", "violet"),
}


def show(
    project: Project,
    run: Run,
    found: Confusion,
    part: Cell,
    asked: Filter = Filter(),
    besides: str = "",
) -> None:
    """Show a part with all its rows: as many as its number says.

    The page's own filter is said above already. ``besides`` is said of the part, too.
    """
    title = part._replace(filter=part.filter.less(asked)).title
    number = reports.count_cell(database(), part)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"{literal(title)}: {count(number, words.of(project).unit)}", width="content")
        if number:
            steps.offer(run, part._replace(filter=Filter()), "Focus", key="part")
    none = "" if number else " Nothing here: this did not happen."
    st.caption(f"{literal(table.explain(part, found))}{none} {literal(besides)}".rstrip())
    rows(project, run, part, number)


def rows(project: Project, run: Run, part: Cell, number: int) -> None:
    """List the rows of a part: ``number`` of them."""
    queue = Selection(Order.CELL, cell=part).name
    found = _Matches(part, number, words.of(project))
    walk.show(project, found, key="cell", queue=queue, run=run)


def choose(found: Confusion, part: Cell) -> None:
    """Offer the keyboard's way to any part of the table."""
    given = [ANY, *found.labels, *groups(found.labels)]
    # What is in no list any more, a widget does not take.
    known = [*given, SPURIOUS, MISSED]
    st.session_state["part-gold"] = part.gold if part.gold in known else ANY
    st.session_state["part-predicted"] = part.predicted if part.predicted in known else ANY
    heard: dict[str, Any] = {
        "format_func": lambda name: spoken(name) or "anything",
        "on_change": _take,
        "args": (part,),
    }
    with st.popover("Choose a cell by name", icon=":material/grid_on:", type="tertiary"):
        st.selectbox("Gold", [*given, SPURIOUS], key="part-gold", **heard)
        st.selectbox("Predicted", [*given, MISSED], key="part-predicted", **heard)


def _take(part: Cell) -> None:
    gold, predicted = st.session_state["part-gold"], st.session_state["part-predicted"]
    only = Only.ALL if gold or predicted else Only.ERRORS
    choice.put(Cell(part.run, part.split, gold, predicted, only))


class _Matches:
    """The rows of a part, read from the database a page at a time."""

    def __init__(self, part: Cell, number: int, words: Words) -> None:
        self.part, self.number, self.words = part, number, words

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, part: slice) -> list[walk.Row]:
        start, stop, _ = part.indices(self.number)
        if start >= stop:
            return []
        after = reports.last_before(database(), self.part, start)
        found = reports.cell(database(), self.part, after, limit=stop - start).rows
        return [_row(one, self.words) for one in found]


def _row(found: reports.CellRow, words: Words) -> walk.Row:
    match = found.match
    kind, shade = KINDS[match.kind]
    place = found.document, match.gold, match.predicted
    return walk.Row(f"match-{found.id}", *place, words.fill(kind), shade=shade)
