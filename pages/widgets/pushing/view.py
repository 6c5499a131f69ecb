"""Ask a model which words pushed it, and show them: of one text, or of rows of a report."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine import tasks
from engine.inference.model_client import Pushes
from engine.runner import folder_of
from pages.widgets.common import model, words
from pages.widgets.common.errors import literal
from pages.widgets.pushing import drawing
from storage.cells import Cell
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.journal import annotations as journal
from storage.runs import reports
from storage.types import Document, Project, Run

ABOUT = (
    "The stronger a word's colour, the more it pushed: blue with a line towards the {label}, "
    "orange with a dashed line away from it (gradient × input). It says what this model looked "
    "at, not what is true of the text."
)
# So many texts are asked about at once: what fits onto a screen or two.
SHOWN = 8


def show(document: Document, pushes: Pushes) -> None:
    """Draw what pushed towards one label."""
    towards, away = drawing.most(document, pushes)
    st.html(drawing.STYLE + drawing.draw(document, pushes))
    st.caption(literal(drawing.in_words(pushes.label, towards, away)))


def of_text(project: Project, run: Run, document: Document, labels: Sequence[str]) -> None:
    """Show what pushed towards a label of a text that was asked about; the first one at first."""
    if not labels:
        return
    said = words.of(project)
    st.markdown("**Words that pushed it**", help=said.fill(ABOUT))
    chosen = st.segmented_control(
        "Towards", list(labels), default=labels[0], required=True, key="pushed-label"
    )
    label = chosen if chosen in labels else labels[0]
    try:
        ((read, found),) = model.server().explain(folder_of(run), [document], [[label]])
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    for pushes in found:
        show(read, pushes)


def of_part(project: Project, run: Run, part: Cell) -> None:
    """Offer to show, for the first rows of an open part, what pushed towards the model's answer."""
    if not tasks.get(project.task).marks_whole:
        return
    box = st.expander(
        "Words that pushed the model",
        icon=":material/format_color_text:",
        key=f"pushed-{run.id}",
        on_change="rerun",
    )
    if box.open:
        with box:
            st.caption(words.of(project).fill(ABOUT))
            _rows(run, part)


def _rows(run: Run, part: Cell) -> None:
    rows = reports.cell(database(), part, limit=SHOWN).rows
    known = {d.id: d for d in journal.of_documents(database(), {row.document for row in rows})}
    asked = [
        (
            known[row.document],
            [side.label for side in (row.match.predicted, row.match.gold) if side],
        )
        for row in rows
        if row.document in known
    ]
    try:
        with st.spinner("The model reads"):
            found = model.server().explain(
                folder_of(run), [document for document, _ in asked], [names for _, names in asked]
            )
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    for document, pushed in found:
        with st.container(border=True, gap="xsmall"):
            for pushes in pushed:
                st.caption(f"Towards **{literal(pushes.label)}**")
                show(document, pushes)
