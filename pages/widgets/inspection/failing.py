"""Texts that a model fails on once they are changed: as they are, changed, and what is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.widgets.common import spans
from pages.widgets.common.errors import literal
from storage.database.store import database
from storage.journal import annotations as journal
from storage.runs.inspections import FailingText
from storage.types import Document, Project, Run, Span

PAGE = 10


def show(project: Project, run: Run, texts: Sequence[FailingText], label: str) -> None:
    """List failing texts, before and after; of a label only what is lost of it is told."""
    pages = -(-len(texts) // PAGE)
    key = f"failing-{run.id}-{texts[0].test if texts else None}-{label}"
    page = st.pagination(pages, key=key) if pages > 1 else 1
    here = texts[(page - 1) * PAGE : page * PAGE]
    found = journal.of_documents(database(), {each.document for each in here})
    documents = {document.id: document for document in found}
    colors = {one.name: one.color for one in project.labels}
    st.html(f"{spans.STYLE}<style>.ws-who {{ min-width: 3.8rem }}</style>")
    for place, each in enumerate(here):
        # A document may be deleted while its list is open.
        if document := documents.get(each.document):
            with st.container(border=True, key=f"{key}-{place}", gap="xsmall"):
                _text(each, document, label, colors)


def _text(each: FailingText, document: Document, label: str, colors: Mapping[str, str]) -> None:
    lost = [s for s in each.expected if s not in each.found and label in ("", s.label)]
    left, right = st.columns([5, 2], vertical_alignment="center", gap="xsmall", wrap=False)
    left.caption(literal(" · ".join(filter(None, [_lost(each.text, lost), document.name]))))
    with right.container(horizontal=True, horizontal_alignment="right"):
        if st.button(
            "Open",
            icon=":material/ink_highlighter:",
            key=f"stress-open-{each.test}-{each.document}",
            help="Opens the text as it is in the tagger.",
        ):
            st.switch_page("tag.py", query_params={"document": str(each.document)})
    focus = lost[0] if lost else None
    place = _place(each, document, focus)
    st.html(
        spans.draw_rows(
            document.text, [("As it is", document.spans, place)], colors, document.second_text
        )
        + spans.draw_rows(
            each.text,
            [("Changed", each.expected, focus), ("Found", each.found, None)],
            colors,
        )
    )


def _place(each: FailingText, document: Document, focus: Span | None) -> Span | None:
    """Return the mark of the text as it is that a lost one was; None where it is not there now."""
    if focus is None:
        return None
    order = [span for span in each.expected if span.label == focus.label].index(focus)
    same = [span for span in document.spans if span.label == focus.label]
    total = sum(span.label == focus.label for span in each.expected)
    return same[order] if len(same) == total else None


def _lost(text: str, lost: Sequence[Span]) -> str:
    words = ", ".join(
        span.label if span.whole else f"“{text[span.start : span.end]}” ({span.label})"
        for span in lost
    )
    return f"lost: {words}"
