"""What is live and what is the candidate, beside each other, and the way back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.serving import promoting
from pages.widgets.common import errors, leave
from pages.widgets.common.errors import literal
from pages.widgets.models import checking, wording
from pages.widgets.models.wording import Scores
from storage.database.store import database
from storage.serving import versions
from storage.serving.versions import Version
from storage.types import Project, Stage

_TURN = "rollback-turn"
# With which of the others a version is compared first.
AGAINST = [Stage.LIVE, Stage.CANDIDATE, versions.FORMER]


def show(project: Project, promoted: Sequence[Version], scores: Scores) -> None:
    """Show both, also where there is none: what is not there can be made below."""
    by_stage = {each.stage: each for each in promoted}
    live, candidate = by_stage.get(Stage.LIVE), by_stage.get(Stage.CANDIDATE)
    left, right = st.columns(2, gap="small")
    with left.container(border=True, height="stretch"):
        st.caption(":material/deployed_code: Live: this is served")
        if live is None:
            st.markdown("#### None", anchors=False)
            st.caption("Choose a run below and make it live: from then on it can be served.")
        else:
            _tell(live, scores)
            with _links(live):
                _offer_rollback(project, live)
    with right.container(border=True, height="stretch"):
        st.caption(":material/pending: Candidate: this may be next")
        if candidate is None:
            st.markdown("#### None", anchors=False)
            st.caption("A candidate is held against the live model before it takes its place.")
        else:
            _tell(candidate, scores)
            with _links(candidate):
                compare(promoted, candidate.run_id)


def _tell(version: Version, scores: Scores) -> None:
    """Say which run it is, how good it is, since when and why it stands here."""
    with st.container(gap="xxsmall"):
        st.markdown(f"#### {version.title}", anchors=False)
        figure = scores.in_words(version.run_id)
        st.markdown(f"**{figure[0].upper()}{figure[1:]}**")
        st.caption(wording.since(version))
    if said := checking.trouble(version):
        st.error(literal(said), icon=":material/error:")


def _links(version: Version) -> st.delta_generator.DeltaGenerator:
    """Lead to where a version is tried and reported on; return the row for what else there is."""
    row = st.container(horizontal=True, vertical_alignment="center")
    named = {"run": str(version.run_id)}
    with row:
        st.page_link("try.py", label="Try it", icon=":material/neurology:", query_params=named)
        leave.page_link("report.py", label="Report", icon=":material/grid_on:", query_params=named)
    return row


def compare(promoted: Sequence[Version], run: int | None) -> None:
    """Lead to what a run makes better and worse than the live one; what is live, than another."""
    others = [each for each in promoted if each.run_id not in (None, run)]
    if not others:
        return
    other = min(others, key=lambda each: AGAINST.index(each.stage))
    # What may come is held against what is there, what is there against what was.
    before, after = other.run_id, run
    if other.stage == Stage.CANDIDATE:
        before, after = after, before
    leave.page_link(
        "compare.py",
        label=f"Compare with {other.title}, {other.stage}",
        icon=":material/compare_arrows:",
        query_params={"a": str(before), "b": str(after)},
    )


def _offer_rollback(project: Project, live: Version) -> None:
    """Let whoever may make the version live again that was before; say which one that is."""
    before = versions.before(database(), project.id)
    if before is None:
        return
    # Another one each time: it would stay open over what comes next.
    turn = st.session_state.setdefault(_TURN, 0)
    with st.popover(
        "Roll back", icon=":material/undo:", key=f"rollback-{turn}", **leave.to(versions.rollback)
    ):
        st.markdown(
            f"**{before.title}** is live again then; {live.title} stays here, and in the history."
        )
        note = st.text_area(
            "Why",
            key=f"rollback-note-{turn}",
            height=84,
            max_chars=wording.LONGEST_NOTE,
            placeholder="What is wrong with it",
            persist_state="session",
        )
        if wrong := checking.trouble(before):
            st.error(literal(wrong), icon=":material/error:")
        pressed = st.button(
            f"Make {before.title} live again",
            type="primary",
            icon=":material/undo:",
            key="rollback",
            disabled=bool(wrong),
        )
        if pressed and errors.attempt(lambda: promoting.rollback(database(), project.id, note)):
            st.session_state[_TURN] = turn + 1
            st.toast(f"{before.title} is live again.", icon=":material/check:")
            st.rerun()
