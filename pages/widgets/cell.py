"""One cell of the confusion table: choose it, see its sentences, go and mend them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.widgets import address, spans
from pages.widgets.errors import literal
from pages.widgets.store import database
from storage import mending, reports
from storage.choices import Choice, Kind
from storage.types import MISSED, SPURIOUS, Cell, ErrorKind, Pair, Project, Run, Span

PAGE = 20
KINDS = {
    ErrorKind.EXACT: ("right", "green"),
    ErrorKind.BOUNDARY: ("wrong borders", "orange"),
    ErrorKind.TYPE: ("wrong label", "red"),
    ErrorKind.TYPE_AND_BOUNDARY: ("wrong label and borders", "red"),
    ErrorKind.MISSED: ("missed", "orange"),
    ErrorKind.SPURIOUS: ("spurious", "violet"),
}


@dataclass(frozen=True, slots=True)
class _Context:
    """What all rows of a page share: label colours, all pairs by document, the queue's name.

    ``mended`` has the spans of now for each row that was mended since.
    """

    colors: Mapping[str, str]
    pairs: Mapping[int, Sequence[Pair]]
    queue: str
    mended: Mapping[int, Sequence[Span]]


def show(project: Project, run: Run, split: str, confusion: Mapping, event: Mapping) -> None:
    """Show the cell that was clicked or named in the address, with all its rows."""
    labels = confusion["labels"]
    gold, predicted = _chosen(run, split, event)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        gold = _pick("Gold", [*labels, SPURIOUS], gold)
        predicted = _pick("Predicted", [*labels, MISSED], predicted)
    if gold is None or predicted is None:
        return
    st.session_state[f"cell-{run.id}-{split}"] = (gold, predicted)
    address.write(gold=gold, predicted=predicted)
    count = _count(confusion, gold, predicted)
    _title(confusion, gold, predicted, count)
    if count:
        _rows(project, run, split, gold, predicted, count)


def _chosen(run: Run, split: str, event: Mapping) -> tuple[str | None, str | None]:
    """A fresh click wins, then the address, then the cell looked at before in this session."""
    clicked = (event.get("selection", {}).get("cell") or [None])[0]
    if clicked and st.session_state.get("clicked-cell") != clicked:
        st.session_state["clicked-cell"] = clicked
        for title, name in (("Gold", "gold"), ("Predicted", "predicted")):
            st.session_state[f"cell-{title}"] = clicked[name]
    asked = st.query_params.get("gold"), st.query_params.get("predicted")
    before = st.session_state.get(f"cell-{run.id}-{split}", (None, None))
    return asked if all(asked) else before


def _pick(title: str, options: list[str], asked: str | None) -> str | None:
    """The keyboard's way to a cell; also what makes the chosen cell readable."""
    key = f"cell-{title}"
    if st.session_state.get(key) not in options:
        st.session_state[key] = asked if asked in options else None
    return st.selectbox(title, options, key=key, placeholder="Choose", width=220)


def _position(labels: list[str], name: str) -> int:
    return labels.index(name) if name in labels else len(labels)


def _count(confusion: Mapping, gold: str, predicted: str) -> int:
    labels = confusion["labels"]
    return confusion["counts"][_position(labels, gold)][_position(labels, predicted)]


def _title(confusion: Mapping, gold: str, predicted: str, count: int) -> None:
    st.subheader(f"{literal(gold)} → {literal(predicted)}: {count:,}")
    labels = confusion["labels"]
    if gold == predicted and gold in labels:
        exact = confusion["exact"][labels.index(gold)]
        st.caption(f"exact {exact:,} of {count:,}; the others have the right label, wrong borders")
    elif not count:
        st.caption("Nothing here: this confusion did not happen.")


def _rows(project: Project, run: Run, split: str, gold: str, predicted: str, count: int) -> None:
    """List the cell's rows, a page at a time: as many as the cell says, each in its sentence."""
    pages = -(-count // PAGE)
    key = f"rows-{run.id}-{split}-{gold}-{predicted}"
    number = st.pagination(pages, key=key) if pages > 1 else 1
    cell = Cell(run.id, split, gold, predicted)
    found = reports.cell(database(), cell, limit=number * PAGE)
    shown = found.rows[(number - 1) * PAGE :]
    context = _Context(
        {label.name: label.color for label in project.labels},
        reports.pairs_of(database(), run.id, {row.document for row in shown}),
        Choice(Kind.CELL, cell=cell).name,
        mending.since(database(), run, shown),
    )
    st.html(spans.STYLE)
    for row in shown:
        with st.container(border=True, key=f"row-{row.id}"):
            _row(row, context)


def _row(row: reports.CellRow, context: _Context) -> None:
    """Draw one sentence: gold above predicted, and what people have made of it since."""
    pair, all_pairs = row.pair, context.pairs[row.document]
    gold = [p.gold for p in all_pairs if p.gold]
    lines = [
        ("Gold", gold, pair.gold),
        ("Predicted", [p.predicted for p in all_pairs if p.predicted], pair.predicted),
    ]
    mended = context.mended.get(row.id)
    if mended is not None:
        lines.append(("Gold now", mended, None))
    st.html(spans.draw_rows(row.text, lines, context.colors))
    kind, color = KINDS[pair.kind]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(kind, color=color)
        if mended is not None:
            st.badge("mended since", icon=":material/build:", color="blue")
        st.caption(literal(row.name))
        focus = pair.gold or pair.predicted
        if st.button("Open in the tagger", icon=":material/ink_highlighter:", key=f"open-{row.id}"):
            place = {"start": str(focus.start), "end": str(focus.end)}
            st.switch_page(
                "tag.py",
                query_params={"document": str(row.document), "queue": context.queue, **place},
            )
