"""The sentences of the open part of a confusion table: each one click away from the tagger."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine.evaluation.confusion import Confusion
from pages.widgets.common import spans
from pages.widgets.common.colors import Shade
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.report import choice, table
from storage.database.store import database
from storage.finding.selection import Order, Selection
from storage.runs import mending, reports, visits
from storage.types import ANY, MISSED, SPURIOUS, Cell, ErrorKind, Match, Only, Project, Run, Span

PAGE = 20
KINDS: dict[ErrorKind, tuple[str, Shade]] = {
    ErrorKind.EXACT: ("right", "green"),
    ErrorKind.BOUNDARY: ("wrong borders", "orange"),
    ErrorKind.TYPE: ("wrong label", "red"),
    ErrorKind.TYPE_AND_BOUNDARY: ("wrong label and borders", "red"),
    ErrorKind.MISSED: ("missed", "orange"),
    ErrorKind.SPURIOUS: ("spurious", "violet"),
}


@dataclass(frozen=True, slots=True)
class _Context:
    """What all rows of a page share: label colours, all matches by document, the queue's name.

    ``mended`` has the spans of now for each row that was mended since, ``seen`` the documents
    that were opened from here.
    """

    colors: Mapping[str, str]
    matches: Mapping[int, Sequence[Match]]
    queue: str
    mended: Mapping[int, Sequence[Span]]
    seen: Collection[int]


def show(project: Project, run: Run, found: Confusion, part: Cell) -> None:
    """Show a part with all its rows: as many as its number says."""
    number = found.count(*part[2:])
    st.subheader(f"{literal(part.title)}: {count(number, 'span')}")
    about = [literal(table.explain(part, found))]
    if number:
        about.insert(0, f"**{visits.count(database(), part):,} of {number:,} looked at.**")
    else:
        about.append("Nothing here: this did not happen.")
    st.caption(" ".join(about))
    if number:
        _rows(project, run, part, number)


def choose(found: Confusion, part: Cell) -> None:
    """Offer the keyboard's way to any part of the table."""
    st.session_state["part-gold"] = part.gold
    st.session_state["part-predicted"] = part.predicted
    heard: dict[str, Any] = {
        "format_func": lambda name: name or "anything",
        "on_change": _take,
        "args": (part,),
    }
    with st.popover("Choose a cell by name", icon=":material/grid_on:", type="tertiary"):
        st.selectbox("Gold", [ANY, *found.labels, SPURIOUS], key="part-gold", **heard)
        st.selectbox("Predicted", [ANY, *found.labels, MISSED], key="part-predicted", **heard)


def _take(part: Cell) -> None:
    gold, predicted = st.session_state["part-gold"], st.session_state["part-predicted"]
    only = Only.ALL if gold or predicted else Only.ERRORS
    choice.put(Cell(part.run, part.split, gold, predicted, only))


def _rows(project: Project, run: Run, part: Cell, number: int) -> None:
    """List a part's rows, a page at a time, each in its sentence."""
    pages = -(-number // PAGE)
    key = f"rows-{'-'.join(map(str, part))}"
    page = st.pagination(pages, key=key) if pages > 1 else 1
    shown = reports.cell(database(), part, limit=page * PAGE).rows[(page - 1) * PAGE :]
    context = _Context(
        {label.name: label.color for label in project.labels},
        reports.matches_of(database(), run.id, {row.document for row in shown}),
        Selection(Order.CELL, cell=part).name,
        mending.since(database(), run, shown),
        visits.documents(database(), part),
    )
    st.html(spans.STYLE)
    for row in shown:
        with st.container(border=True, key=f"row-{row.id}", gap="xsmall"):
            _row(row, context)


def _row(row: reports.CellRow, context: _Context) -> None:
    """Draw one sentence: gold above predicted, and what people have made of it since."""
    match, all_matches = row.match, context.matches[row.document]
    lines: list[tuple[str, Sequence[Span], Span | None]] = [
        ("Gold", [p.gold for p in all_matches if p.gold], match.gold),
        ("Predicted", [p.predicted for p in all_matches if p.predicted], match.predicted),
    ]
    if row.id in context.mended:
        lines.append(("Gold now", context.mended[row.id], None))
    left, right = st.columns([5, 2], vertical_alignment="center", gap="xsmall", wrap=False)
    with left.container(horizontal=True, vertical_alignment="center", gap="small"):
        _badges(row, context)
    with right.container(horizontal=True, horizontal_alignment="right"):
        if st.button(
            "Mend",
            icon=":material/ink_highlighter:",
            key=f"open-{row.id}",
            help="Opens this sentence in the tagger.",
        ):
            _open(row, context.queue)
    st.html(spans.draw_rows(row.text, lines, context.colors))


def _badges(row: reports.CellRow, context: _Context) -> None:
    kind, color = KINDS[row.match.kind]
    st.badge(kind, color=color)
    if row.id in context.mended:
        st.badge("mended since", icon=":material/build:", color="blue")
    elif row.document in context.seen:
        st.badge("looked at", icon=":material/visibility:", color="gray")
    st.caption(literal(row.name))


def _open(row: reports.CellRow, queue: str) -> None:
    focus = row.match.place
    place = {"start": str(focus.start), "end": str(focus.end)}
    st.switch_page("tag.py", query_params={"document": str(row.document), "queue": queue, **place})
