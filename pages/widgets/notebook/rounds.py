"""The list of rounds: the open one with what is to be done next, then the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from engine.evaluation.figures import known_by
from engine.evaluation.findings import weakest
from engine.inspection import focusing
from engine.jobs import kinds
from engine.knowledge import rounds
from engine.knowledge.telling import tell
from engine.runner import models, results
from pages.widgets.common import leave, words
from pages.widgets.common.errors import literal
from pages.widgets.focus import steps
from pages.widgets.notebook import drawing, lesson, links
from storage.cells import Cell, Only
from storage.database.store import database
from storage.knowledge import notebook
from storage.knowledge.notebook import Entry, Round
from storage.runs import runs
from storage.types import Project

PAGE = 12
EMPTY = (
    "No round yet. A focus on a label or a cell of the report opens one; each training that ends "
    "leaves one by itself."
)


def show(project: Project) -> None:
    """Show them, a page at a time."""
    st.html(Path(__file__).with_name("rounds.css"))
    found = notebook.entries(database(), project.id)
    if notebook.unwritten(database(), kinds.with_models(), project.id):
        st.caption("Rounds of trainings that have ended are being written: look again in a moment.")
    known = set(runs.states(database(), project.id))
    trend = drawing.trend(found)
    closed = [each for each in found if each.state is not Round.OPEN]
    for each in found[: len(found) - len(closed)]:
        _open(project, each)
    if len(closed) == len(found):
        _next(project, bool(found))
    for at, each in enumerate(_shown(closed)):
        _closed(project, each, trend, known, opened=at == 0)


def _shown(closed: Sequence[Entry]) -> Sequence[Entry]:
    """Return the rounds of the page that is chosen; the choice stands below them."""
    pages = -(-len(closed) // PAGE)
    if pages < 2:
        return closed
    chosen = st.session_state.get("notebook-page", 1)
    with st.bottom:
        st.pagination(pages, key="notebook-page")
    return closed[(chosen - 1) * PAGE : chosen * PAGE]


def _open(project: Project, entry: Entry) -> None:
    """Show the open round: what is to be done next, and what was done so far."""
    told = tell(entry, words.of(project))
    with st.container(border=True, key=f"round-{entry.id}", gap="small"):
        st.html(drawing.head(entry, told))
        if focusing.current(database(), project.id):
            steps.show(project)
        elif st.button(
            "End this round",
            icon=":material/done:",
            key="round-end",
            **leave.to(notebook.give_up),
        ):
            focusing.finish(database(), project.id)
            st.rerun()
        done = rounds.so_far(database(), entry)
        st.html(drawing.lists(tell(entry, words.of(project), done), so_far=True))
        lesson.field(entry)


def _next(project: Project, begun: bool) -> None:
    """Say what to begin a round with: what is weakest now."""
    run = next(iter(models(database(), project.id, most=1)), None)
    report = (results.of_run(database(), run.id) if run else None) or {}
    split = known_by(report)
    worst = weakest(report[split[0]], words.of(project)) if split else None
    if run is None or split is None or worst is None:
        if not begun:
            st.info(EMPTY, icon=":material/science:")
            page, label = ("report", "Open the report") if run else ("train", "Start a training")
            leave.page_link(f"{page}.py", label=label, icon=":material/arrow_forward:")
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="round-next"):
        st.markdown(f"**No round is open.** {literal(worst.sentence)}", width="stretch")
        cell = Cell(run.id, split[0], worst.label, only=Only.ERRORS)
        steps.offer(run, cell, literal(f"Focus on {cell.title}"), key="next")


def _closed(
    project: Project, entry: Entry, trend: drawing.Trend, known: set[int], *, opened: bool
) -> None:
    told = tell(entry, words.of(project))
    with st.container(border=True, key=f"round-{entry.id}", gap="xsmall"):
        st.html(drawing.head(entry, told, trend))
        lesson.field(entry)
        with st.expander("What was done, what it brought", expanded=opened, type="compact"):
            st.html(drawing.lists(told))
            links.show(entry, known)
