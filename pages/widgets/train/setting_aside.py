"""What a model is scored on: what is missing of dev and test, and a part of train for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from engine.runner import UNSCORED
from pages.widgets.common import words
from pages.widgets.common.errors import literal
from storage.actions import actions, setting_aside
from storage.actions.actions import Action
from storage.actions.setting_aside import Part
from storage.database import settings
from storage.database.store import database
from storage.errors import RefusedError, WhetstoneError
from storage.journal import annotations as journal
from storage.types import Project, Split

LEAST, MOST, USUAL = 1, 40, 10
# What would be set aside, the newest alone: a million documents take seconds to choose from.
_kept: dict[tuple[object, ...], Part] = {}
MISSING = {
    Split.DEV: "No dev {document} is done yet: when the run starts, a tenth of train becomes dev.",
    Split.TEST: "No test {document} is done yet: the report is about dev, which also chooses the "
    "best epoch, so it looks a little too good.",
}


def show(project: Project, done: Mapping[Split, int]) -> None:
    """Say which of dev and test has nothing that is done, and offer a part of train for it."""
    missing = [split for split in MISSING if not done[split]]
    if len(missing) == len(MISSING):
        st.warning(UNSCORED, icon=":material/warning:")
        _offer(project)
    for split in missing if len(missing) == 1 else ():
        st.caption(words.of(project).fill(MISSING[split]))
        title = f"Set a part of train aside for {split}"
        key = f"set_aside_{split}"
        # What would go is looked for among all of train, so not before somebody asks.
        with st.popover(title, icon=":material/call_split:", key=key, on_change="rerun") as asked:
            if asked.open:
                _offer(project)


def take_back(project: Project) -> None:
    """Say what was set aside last, and let it be taken back."""
    if action := setting_aside.newest(database(), project.id):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{literal(action.title)}.")
            if st.button("Take it back", icon=":material/undo:", type="tertiary"):
                _do(lambda by: actions.reverse(database(), action.id, by))


def _offer(project: Project) -> None:
    """Say how many documents would go, and let them go."""
    said = words.of(project)
    share = st.number_input(
        "Percent of train for each",
        LEAST,
        MOST,
        USUAL,
        key="share",
        help=said.fill(
            "Drawn at random, always the same for the same {documents}. {Documents} of one source "
            "stay together, so that the model is asked about texts that it has not seen."
        ),
        width=200,
    )
    try:
        part = _planned(project, share)
    except RefusedError as error:
        st.caption(literal(str(error)))
        return
    if not part.together:
        st.caption(
            f"Train comes from too few sources to keep them whole, so single {said.documents} are "
            "drawn: they resemble what the model learns from, and the report looks a bit too good."
        )
    st.caption(f"That is **{part.title}**.")
    if st.button("Set them aside", type="primary", icon=":material/call_split:"):
        _do(lambda by: setting_aside.set_aside(database(), project.id, by, share / 100))


def _planned(project: Project, share: int) -> Part:
    """Return what would be set aside: looked for anew only where something changed."""
    db = database()
    key = db.url, project.id, share, journal.stamp(db, project.id)
    if key not in _kept:
        part = setting_aside.plan(db, project.id, share / 100)
        _kept.clear()
        _kept[key] = part
    return _kept[key]


def _do(change: Callable[[str], Action]) -> None:
    try:
        change(settings.annotator(database()))
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.rerun(scope="app")
