"""A list of rows, a page at a time: each in its sentence, one click away from the tagger."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.widgets.common import spans
from pages.widgets.common.errors import literal
from pages.widgets.walk.rows import Row, Rows
from storage.database.store import database
from storage.finding.selection import parse
from storage.journal import annotations
from storage.runs import mending, reports, visits
from storage.types import Document, ErrorKind, Match, Project, Run, Span

PAGE = 20


@dataclass(frozen=True, slots=True)
class _Context:
    """What all rows of a page share: label colours, texts, what the run said, the queue's name.

    ``mended`` has the spans of now for each row that was mended since the run, ``seen`` the
    documents that were opened from this list.
    """

    colors: Mapping[str, str]
    documents: Mapping[int, Document]
    matches: Mapping[int, Sequence[Match]]
    mended: Mapping[str, Sequence[Span]]
    seen: Collection[int]
    queue: str


def show(
    project: Project, rows: Rows, *, key: str, queue: str = "", run: Run | None = None
) -> None:
    """List the rows. ``key`` names the list on its page: another one begins at its first row.

    ``queue`` is the name of the selection (``Selection.name``) that the tagger opens them with.
    With ``run`` the rows are its matches: they are drawn among all that it was scored against,
    and say whether they were mended since.
    """
    pages = -(-len(rows) // PAGE)
    page = st.pagination(pages, key=f"walk-page-{key}") if pages > 1 else 1
    shown = rows[(page - 1) * PAGE : page * PAGE]
    context = _context(project, shown, queue, run)
    st.html(spans.STYLE)
    for row in shown:
        # A document may be deleted while its list is open.
        if row.document in context.documents:
            with st.container(border=True, key=f"walk-{key}-{row.id}", gap="xsmall"):
                _draw(row, context)


def _context(project: Project, rows: Sequence[Row], queue: str, run: Run | None) -> _Context:
    ids = {row.document for row in rows}
    selection = parse(queue) if queue else None
    cell = selection.cell if selection else None
    return _Context(
        {label.name: label.color for label in project.labels},
        {one.id: one for one in annotations.of_documents(database(), ids)},
        reports.matches_of(database(), run.id, ids) if run else {},
        _mended(run, rows) if run else {},
        visits.documents(database(), cell) if cell else (),
        queue,
    )


def _mended(run: Run, rows: Sequence[Row]) -> dict[str, Sequence[Span]]:
    """Return the spans of now for each row that was mended since the run, by the row's id."""
    asked = [
        reports.CellRow(
            place,
            Match(row.document, row.given, row.suggested, ErrorKind.TYPE),
            row.document,
            "",
            "",
        )
        for place, row in enumerate(rows)
    ]
    found = mending.since(database(), run, asked)
    return {rows[place].id: now for place, now in found.items()}


def _draw(row: Row, context: _Context) -> None:
    """Draw one row: gold above predicted, and what people have made of it since."""
    document = context.documents[row.document]
    left, right = st.columns([5, 2], vertical_alignment="center", gap="xsmall", wrap=False)
    with left.container(horizontal=True, vertical_alignment="center", gap="small"):
        _badges(row, document, context)
    with right.container(horizontal=True, horizontal_alignment="right"):
        if st.button(
            "Mend",
            icon=":material/ink_highlighter:",
            key=f"open-{row.id}",
            help="Opens this sentence in the tagger.",
        ):
            _open(row, context.queue)
    st.html(spans.draw_rows(document.text, _lines(row, document, context), context.colors))


def _lines(
    row: Row, document: Document, context: _Context
) -> list[tuple[str, Sequence[Span], Span | None]]:
    """Return who says what: (who, spans, span in focus)."""
    matches = context.matches.get(row.document, ())
    given = [m.gold for m in matches if m.gold] or document.spans
    suggested = [m.predicted for m in matches if m.predicted] or _alone(row.suggested)
    lines: list[tuple[str, Sequence[Span], Span | None]] = [
        ("Gold", given, row.given),
        ("Predicted", suggested, row.suggested),
    ]
    lines += [(who, _alone(span), span) for who, span in row.others]
    if row.id in context.mended:
        lines.append(("Gold now", context.mended[row.id], None))
    return lines


def _alone(span: Span | None) -> list[Span]:
    return [span] if span else []


def _badges(row: Row, document: Document, context: _Context) -> None:
    if row.kind:
        st.badge(row.kind, color=row.shade)
    if row.id in context.mended:
        st.badge("mended since", icon=":material/build:", color="blue")
    elif row.document in context.seen:
        st.badge("looked at", icon=":material/visibility:", color="gray")
    score = "" if row.score is None else f"{row.score:.2f}"
    said = " · ".join(filter(None, [literal(row.reason), score, literal(document.name)]))
    st.caption(said)


def _open(row: Row, queue: str) -> None:
    place = {"start": str(row.place.start), "end": str(row.place.end)}
    named = {"queue": queue} if queue else {}
    st.switch_page("tag.py", query_params={"document": str(row.document), **named, **place})
