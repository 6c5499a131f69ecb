"""Imports and exports that go on in the background: how far they are, on every page."""

from __future__ import annotations

import streamlit as st

from engine.transfers.registry import Transfer, transfers
from engine.transfers.state import Phase, State
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.database import settings
from storage.database.store import database
from storage.transfers.uploads import megabytes

IMPORT, EXPORT = "import", "export"
GLANCE_SECONDS = 0.5
SIDE_SECONDS = 2.0
# Before that many seconds a speed says nothing.
LEAST_SECONDS = 1.0
DOING = {
    Phase.STARTING: "Starting",
    Phase.READING: "Reading",
    Phase.READ: "Read",
    Phase.LOADING: "Importing",
    Phase.WRITING: "Writing",
    Phase.CHECKING: "Checking",
}


def own(kind: str) -> list[Transfer]:
    """Return the imports, or exports, of whoever looks at the page."""
    return transfers.of(settings.annotator(database()), kind)


def follow(transfer: Transfer, words: str) -> None:
    """Show how far it is with a button to end it; the page runs anew when its phase is over."""
    st.fragment(_watch, run_every=GLANCE_SECONDS)(transfer, transfer.state.phase, words)


def _watch(transfer: Transfer, phase: Phase, words: str) -> None:
    state = transfer.state
    if state.phase.waits or (state.phase is Phase.LOADING) != (phase is Phase.LOADING):
        st.rerun(scope="app")
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"{DOING[state.phase]} **{literal(transfer.about.title)}**", width="stretch"
            )
            if st.button("Cancel", icon=":material/close:", key=f"stop-{transfer.id}"):
                transfer.stop()
        st.progress(state.share)
        st.caption(literal(f"{told(state, transfer.seconds)} {words}".strip()))


def told(state: State, seconds: float) -> str:
    """Say how far a phase is: documents, bytes, how many a second, what is left."""
    parts = [state.message.rstrip(".")] if state.message else []
    if state.of_documents:
        parts.append(f"{state.documents:,} of {count(state.of_documents, 'document')}")
    elif state.documents:
        parts.append(count(state.documents, "document"))
    if state.of_bytes:
        parts.append(f"{megabytes(state.bytes)} of {megabytes(state.of_bytes)}")
    if seconds >= LEAST_SECONDS and state.documents:
        parts.append(f"{_round(state.documents / seconds):,} a second")
    if seconds >= LEAST_SECONDS and 0 < state.share < 1:
        parts.append(f"{_clock(seconds / state.share - seconds)} left")
    return f"{' · '.join(parts)}." if parts else "A moment."


def _round(number: float) -> int:
    """Return a number with its first two digits: nobody reads more while they change."""
    whole = round(number)
    unit = 10 ** max(0, len(str(whole)) - 2)
    return whole // unit * unit


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(1, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def remind() -> None:
    """Say in the sidebar what goes on in the background, where something does."""
    owner = settings.annotator(database())
    known = (each for kind in (IMPORT, EXPORT) for each in transfers.of(owner, kind))
    if any(not each.state.phase.waits for each in known):
        with st.sidebar:
            st.fragment(_remind, run_every=SIDE_SECONDS)()


def _remind() -> None:
    for kind, section in ((IMPORT, ""), (EXPORT, "Export")):
        for each in own(kind):
            state = each.state
            far = f": {state.share:.0%}" if not state.phase.waits else " is done"
            if state.phase in (Phase.FAILED, Phase.STOPPED):
                far = " has ended"
            st.page_link(
                "data.py",
                label=f"{kind.capitalize()}{far}",
                icon=":material/progress_activity:" if far[0] == ":" else ":material/task_alt:",
                query_params={"section": section} if section else None,
            )
