"""The view Next: what is worth a look, the most expected gain first, and where more would help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from pages.coaching.changes import Since
from pages.widgets import walk
from pages.widgets.changed import line
from pages.widgets.common import leave
from pages.widgets.common.words import count
from pages.widgets.review import curve
from storage.database.store import database
from storage.finding import review_list
from storage.finding.review.findings import Finding, Origin
from storage.finding.selection import Order, Selection
from storage.runs import runs
from storage.types import Project

EVERYTHING = ""
NEW = "New results"
TITLES = {
    Origin.ERROR: "Errors",
    Origin.SUSPECT: "Suspects",
    Origin.DOUBT: "Uncertain",
    Origin.DISAGREEMENT: "Disagreements",
}
QUEUE = Selection(Order.REVIEW).name
ABOUT = (
    "**Errors** of the newest report, **suspects** that models which never saw them doubt, "
    "documents that the newest model is **uncertain** of, and finished ones where it "
    "**disagrees**. Worth: how likely looking mends something, times what one more right mark of "
    "the label should bring to its F1, by the learning curve where there is one."
)


def show(project: Project) -> None:
    """Show the learning curve on the left, what is worth a look on the right."""
    found = _frozen(project)
    left, right = st.columns([8, 12], gap="medium")
    with left:
        curve.show(project)
    with right:
        _list(project, found)


def _list(project: Project, found: Sequence[Finding]) -> None:
    if not found:
        st.info(
            "Nothing is worth a look yet: train a model, and what it doubts, misses or says "
            "otherwise comes here, what looking should bring most first.",
            icon=":material/info:",
        )
        leave.page_link("train.py", label="Train", icon=":material/model_training:")
        return
    chosen = _choose(found)
    shown = [each for each in found if chosen in (EVERYTHING, *each.origins)]
    rows = [_row(each) for each in shown if each.labels]
    more = ""
    if silent := len(shown) - len(rows):
        more = (
            f" {count(silent, 'document')} in which the model doubts and suggests nothing: only "
            "the tagger's queue has them."
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{count(len(rows), 'place')}, what is worth most first", help=ABOUT + more)
        st.page_link(
            "tag.py",
            label="In the tagger",
            icon=":material/ink_highlighter:",
            query_params={"queue": QUEUE},
        )
        if st.button(
            "Anew",
            icon=":material/refresh:",
            type="tertiary",
            key="next-anew",
            help="What you have decided leaves it, what has come since joins it.",
        ):
            st.session_state.pop(_key(project), None)
            st.rerun()
    line.show(
        project, "next", lambda: _again(project, rows), lambda since: _changed(project, since)
    )
    walk.show(project, rows, key="next", queue=QUEUE)


def _choose(found: Sequence[Finding]) -> str:
    """Offer the origins that there are, with how many findings each has."""
    counts = Counter(origin for each in found for origin in each.origins)
    titles = {EVERYTHING: f"All {len(found):,}"}
    titles |= {o: f"{title} {counts[o]:,}" for o, title in TITLES.items() if counts[o]}
    if st.session_state.get("next-origin") not in titles:
        st.session_state["next-origin"] = EVERYTHING
    chosen = st.segmented_control(
        "Which",
        list(titles),
        format_func=titles.__getitem__,
        key="next-origin",
        required=True,
        label_visibility="collapsed",
    )
    return chosen or EVERYTHING


def _row(each: Finding) -> walk.Row:
    side = each.given or each.suggested
    assert side, "a finding without a label is no row"
    return walk.Row(
        f"{each.document}-{side.start}-{side.end}",
        each.document,
        each.given,
        each.suggested,
        kind=" + ".join(each.origins),
        reason=each.reason,
    )


def _frozen(project: Project) -> Sequence[Finding]:
    """Return the list as it was made, so that no row moves under the hand that decides about it.

    It is made anew where somebody asks for it. One without a row moves for nobody.
    """
    known = st.session_state.get(_key(project))
    if known is None or not known[1]:
        ended, found = _ended(project), review_list.find(database(), project.id)
        known = st.session_state[_key(project)] = ended, found
        line.begin(project, "next")
    return known[1]


def _ended(project: Project) -> set[int]:
    """Return the runs that have ended: each may have something to say."""
    states = runs.states(database(), project.id)
    return {id for id, state in states.items() if state.final}


def _changed(project: Project, since: Since) -> str:
    """Say what is others than in the list: results of a run, or what labels have changed."""
    return line.in_words(since) if st.session_state[_key(project)][0] == _ended(project) else NEW


def _again(project: Project, before: list[walk.Row]) -> None:
    """Make the list anew, at the place where the person was."""
    st.session_state.pop(_key(project), None)
    chosen = st.session_state.get("next-origin", EVERYTHING)
    shown = [each for each in _frozen(project) if chosen in (EVERYTHING, *each.origins)]
    rows = [_row(each) for each in shown if each.labels]
    walk.keep_place("next", before, rows, queue=QUEUE)


def _key(project: Project) -> str:
    return f"next-list-{project.id}"
