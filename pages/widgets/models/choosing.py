"""The runs that left a model, one of them chosen: made candidate, or live, with a note why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd
import streamlit as st

from engine.serving import promoting
from pages.widgets.common import address, errors, leave, tables, words
from pages.widgets.common.errors import literal
from pages.widgets.models import checking, standing, wording
from pages.widgets.models.wording import Scores
from storage.database.store import database
from storage.serving import versions
from storage.serving.versions import FORMER, Version
from storage.types import Project, Run, Stage

ROWS, ROW_HEIGHT = 5, 35
# Of more runs than these, the older ones that were never promoted are left to the Train page.
MOST = 100
NOTE = "promotion-note"
MAKE: dict[Stage, tuple[str, str, Literal["primary", "secondary"]]] = {
    Stage.CANDIDATE: ("Make candidate", ":material/pending:", "secondary"),
    Stage.LIVE: ("Make live", ":material/deployed_code:", "primary"),
}
TEXT = st.column_config.TextColumn
COLUMNS = {
    "run": TEXT("Run", width=56, pinned=True),
    "stage": TEXT("Is", width=84, help="Live is served; a former one was live or candidate once."),
    "score": st.column_config.NumberColumn(
        "{short}",
        format="%.3f",
        width=66,
        help="The figure that a run is known by, on test, or on dev where nothing is test.",
    ),
    "on": TEXT("Scored on", width=130),
    "why": TEXT("Why", width=220, help="The note of its last promotion."),
    "trained": TEXT("Trained", width=136),
    "note": TEXT("About the run", width=154, help="The note on Train."),
}


def show(
    project: Project, known: Sequence[Run], promoted: Sequence[Version], scores: Scores
) -> None:
    """List the runs and offer what can be made of the chosen one."""
    st.subheader("Runs with a model")
    by_run = {each.run_id: each for each in promoted}
    wanted = {*by_run, address.read_id("run")}
    shown = [run for place, run in enumerate(known) if place < MOST or run.id in wanted]
    chosen = _chosen(project, shown, by_run, scores)
    _promote(chosen, by_run)
    _say_if_lower(chosen, promoted, scores)
    with st.container(horizontal=True, vertical_alignment="center"):
        named = {"run": str(chosen.id)}
        standing.compare(promoted, chosen.id)
        st.page_link(
            "try.py", label=f"Try {chosen.title}", icon=":material/neurology:", query_params=named
        )
        leave.page_link("report.py", label="Report", icon=":material/grid_on:", query_params=named)
    if len(shown) < len(known):
        st.caption(f"The newest {MOST} runs, and all that were ever promoted.")


def _chosen(
    project: Project, shown: Sequence[Run], by_run: Mapping[int | None, Version], scores: Scores
) -> Run:
    """Return the run whose row is chosen: at first the address's, the candidate, or the newest."""
    asked = address.read_id("run")
    first = next((run for run in shown if run.id == asked), None) or _first(shown, by_run)
    event = tables.show(
        pd.DataFrame([_row(run, by_run.get(run.id), scores) for run in shown]),
        hide_index=True,
        column_config=words.filled(COLUMNS, words.of(project)),
        height=ROW_HEIGHT * (min(ROWS, len(shown)) + 1) + 3,
        on_select="rerun",
        selection_mode=["single-row-required", "single-cell"],
        selection_default={"selection": {"rows": [shown.index(first)]}},
        # With other rows, or another first one, it is a new table.
        key=f"models-{project.id}-{len(shown)}-{shown[0].id}-{first.id}",
        placeholder="–",
    )
    if cells := event.selection.get("cells"):
        # Who clicks into a row means the row: a new table, in which it is the chosen one.
        address.write(run=str(shown[cells[0][0]].id))
        st.rerun()
    rows = event.selection.rows
    return shown[rows[0]] if rows else first


def _first(shown: Sequence[Run], by_run: Mapping[int | None, Version]) -> Run:
    """Return the candidate, else the newest run."""
    wanted = {run for run, each in by_run.items() if each.stage == Stage.CANDIDATE}
    return next((run for run in shown if run.id in wanted), shown[0])


def _row(run: Run, version: Version | None, scores: Scores) -> dict[str, Any]:
    return {
        "run": str(run.number or run.id),
        "stage": str(version.stage) if version else "",
        "score": scores.figure(run.id),
        "on": scores.scored_on(run.id),
        "why": version.note if version else "",
        "trained": wording.when(run.finished_at or run.created_at),
        "note": run.note,
    }


def _promote(run: Run, by_run: Mapping[int | None, Version]) -> None:
    """Let whoever may make the run candidate or live, and say why."""
    version = by_run.get(run.id)
    stage = version.stage if version else FORMER
    # Of the others their own place above says it.
    if version and stage == FORMER and (wrong := checking.trouble(version)):
        st.warning(literal(wrong), icon=":material/warning:")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # What was typed about a run stays until it counts, whichever row or page is looked at.
        note = st.text_input(
            f"Why {run.title}",
            key=f"{NOTE}-{run.id}-{st.session_state.get(NOTE, 0)}",
            max_chars=wording.LONGEST_NOTE,
            placeholder="A note why: it stays in the history",
            persist_state="session",
            width="stretch",
        )
        asked = [wanted for wanted in MAKE if _button(run, wanted, stage)]
    if asked and errors.attempt(lambda: promoting.promote(database(), run.id, asked[0], note)):
        st.session_state[NOTE] = st.session_state.get(NOTE, 0) + 1
        address.write(run=str(run.id))
        st.toast(f"{run.title} is {versions.worded(asked[0])} now.", icon=":material/check:")
        st.rerun()


def _say_if_lower(run: Run, promoted: Sequence[Version], scores: Scores) -> None:
    """Say so before the click where what is live scored better than the run."""
    live = next((each for each in promoted if each.stage == Stage.LIVE), None)
    if live and scores.is_lower(run.id, live.run_id):
        st.caption(
            f":material/trending_down: {run.title} has {scores.in_words(run.id)}; {live.title}, "
            f"which is live, {scores.in_words(live.run_id)}."
        )


def _button(run: Run, wanted: Stage, stage: str) -> bool:
    """Show the button that makes a run what is wanted, unless it is that already."""
    label, icon, kind = MAKE[wanted]
    asked = leave.to(versions.promote)
    if stage == wanted and not asked["disabled"]:
        asked = {"disabled": True, "help": f"{run.title} is {versions.worded(wanted)} already."}
    return st.button(label, key=f"make-{wanted}", type=kind, icon=icon, **asked)
