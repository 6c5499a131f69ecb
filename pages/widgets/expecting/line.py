"""One line: how the last documents went, what a training now should bring, and its button."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

from engine.evaluation.prequential import LEAST
from engine.inspection import expectation
from engine.inspection.expectation import Prospect
from engine.runner import unscored
from pages.widgets.common import leave, words
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.train import form, recipe, run_list
from storage.coaching import outcomes
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.runs import runs
from storage.types import Project, RunKind
from storage.words import Words

# What was said of projects, by all that it follows from: a page is drawn more often than that
# changes.
_kept: dict[int, tuple[tuple[object, ...], Prospect]] = {}


def show(project: Project) -> None:
    """Show it as part of a page, where there is something to say."""
    said, prospect = words.of(project), _prospect(project)
    if prospect.documents < LEAST:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(literal(sentence(prospect, said)), width="content")
        _offer(project, prospect)


def show_in_bar(project: Project) -> None:
    """Show it in the room above the tagger, in one line that moves nothing."""
    said, prospect = words.of(project), _prospect(project)
    if prospect.documents < LEAST:
        return
    whole, brief = sentence(prospect, said), in_short(prospect, said)
    st.html(Path(__file__).with_suffix(".css"))
    with st.container(key="expecting", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<span class="whole" title="{escape(whole)}">{escape(whole)}</span>'
            f'<span class="brief" title="{escape(whole)}">{escape(brief)}</span>'
        )
        _offer(project, prospect)


def sentence(prospect: Prospect, said: Words) -> str:
    """Say it: "Of the last 50 sentences you changed 3 suggestions; a training now is …"."""
    changed = count(prospect.changed, "suggestion") if prospect.changed else "no suggestion"
    last = f"Of the last {prospect.documents:,} {said.documents} you changed {changed}"
    if prospect.expected is None:
        return f"{last}."
    figure = f"{said.spoken} {prospect.expected}"
    if prospect.enough:
        return f"{last}: more of this kind bring little. Train now: {figure} is expected."
    return f"{last}; a training now is expected at {figure}."


def in_short(prospect: Prospect, said: Words) -> str:
    """Say it where there is little room: "3 changes · F1 0.78 ± 0.03"."""
    changes = count(prospect.changed, "change")
    return f"{changes} · {said.short} {prospect.expected}" if prospect.expected else changes


def _prospect(project: Project) -> Prospect:
    db, filled = database(), form.of(project.id)
    asked = filled.base, filled.recipe, filled.typed.get("peft", ""), filled.typed.get("limit")
    key = (db.url, *asked, outcomes.stamp(db, project.id), runs.tally(db))
    known = _kept.get(project.id)
    if known is None or known[0] != key:
        known = _kept[project.id] = key, expectation.prospect(db, project, *asked)
    return known[1]


def _offer(project: Project, prospect: Prospect) -> None:
    """Offer the training that the Train page would start, unless one is at work."""
    if prospect.expected is None or _at_work(project):
        return
    lacking = unscored(database(), project.id)
    filled = form.of(project.id)
    about = f"Starts a training as the Train page would: {filled.recipe}."
    if lacking:
        about = "Nothing is there to score a model on: the Train page sets a part aside first."
    if st.button(
        "Train now",
        icon=":material/model_training:",
        type="tertiary",
        key="train-now",
        **leave.to(runs.create_run, about),
    ):
        if lacking:
            st.switch_page("train.py")
        _start(project)


def _at_work(project: Project) -> bool:
    which = runs.Which(kinds=[RunKind.TRAINING], ended=False)
    return bool(runs.list_runs(database(), project.id, which, most=1))


def _start(project: Project) -> None:
    try:
        run = recipe.start_as_filled(project)
    except WhetstoneError as error:
        st.toast(literal(str(error)), icon=":material/error:")
        return
    st.session_state[run_list.WATCHED] = run.id
    st.toast(f"{run.title} is queued. Tag on while it trains.", icon=":material/rocket_launch:")
    st.rerun()
