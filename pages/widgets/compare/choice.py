"""Which two runs are compared, on which split, and what of it is looked at: the address says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from engine.inspection import comparing
from engine.inspection.comparing import Common
from pages.widgets.common import address, errors, leave, run_picker
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.outcomes import Outcome
from storage.serving import versions
from storage.types import Project, Run, Split, Stage

SETTINGS, DATA = "settings", "data"
VIEWS = {
    str(Outcome.BROKEN): "Broken",
    str(Outcome.FIXED): "Fixed",
    str(Outcome.WRONG): "Still wrong",
    SETTINGS: "Settings",
    DATA: "Data",
}
# Comparisons that are kept: of many documents each takes a while to compute.
KEPT = 8


class Pair(NamedTuple):
    """The run to start from, and the one that is held against it."""

    a: Run
    b: Run

    @property
    def key(self) -> tuple[object, ...]:
        """What tells two runs from all others: a folder's name is given once."""
        return tuple((run.folder, run.attempt, run.finished_at) for run in self)


def pick(project: Project) -> Pair:
    """Show the choice of two runs and return them; say what to do and end the page without two.

    They are the newest and the one before it unless the address names others.
    """
    known = run_picker.models(project, *Pair._fields)
    if len(known) < 2:
        _say_what_is_missing(len(known))
    a, b = _asked(known)
    made = versions.stages(database(), project.id)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
        pair = Pair(_choose("Before", known, a, made), _choose("After", known, b, made))
        st.button(
            "Swap",
            icon=":material/swap_horiz:",
            type="tertiary",
            on_click=address.write,
            kwargs={"a": str(pair.b.id), "b": str(pair.a.id)},
            help="Holds the first run against the second one.",
        )
    address.write(a=str(pair.a.id), b=str(pair.b.id))
    try:
        comparing.refuse_unlike(*pair)
    except WhetstoneError as error:
        _end(error)
    return pair


def _say_what_is_missing(finished: int) -> None:
    done = "one has" if finished else "none has"
    st.info(f"Two finished runs are compared, and {done} finished yet.", icon=":material/info:")
    leave.page_link("train.py", label="Train a model", icon=":material/model_training:")
    st.stop()


def _asked(known: Sequence[Run]) -> Pair:
    by_id = {run.id: run for run in known}
    asked = {name: address.read_id(name) for name in Pair._fields}
    if any(st.query_params.get(name) and asked[name] not in by_id for name in asked):
        st.warning("A run in the address has no report in this project; here is another one.")
    b = by_id.get(asked["b"]) or next(run for run in known if run.id != asked["a"])
    others = [run for run in known if run is not b]
    before = next((run for run in others if run.id < b.id), others[0])
    return Pair(by_id.get(asked["a"], before), b)


def _choose(title: str, known: Sequence[Run], chosen: Run, made: Mapping[int, Stage]) -> Run:
    return st.selectbox(
        title,
        known,
        index=known.index(chosen),
        format_func=lambda run: run_picker.title(run, made.get(run.id, "")),
        label_visibility="collapsed",
        width=260,
    )


def split(pair: Pair) -> Split:
    """Show the choice of what both runs were scored on; end the page where there is nothing."""
    try:
        known = comparing.splits(*pair)
    except WhetstoneError as error:
        _end(error)
    if not known:
        st.info(
            "These two runs have neither test nor dev documents in common, so nothing can be "
            "compared.",
            icon=":material/info:",
        )
        st.stop()
    return Split(address.choice("Split", [str(each) for each in known], "split"))


def compared(pair: Pair, split: Split) -> Common:
    """Return the comparison; end the page with a sentence where it cannot be made."""
    try:
        return _compared(pair, str(split), pair.key)
    except WhetstoneError as error:
        _end(error)
        raise


@st.cache_resource(max_entries=KEPT, show_spinner="Comparing the two runs …")
def _compared(_pair: Pair, split: str, key: tuple[object, ...]) -> Common:
    return comparing.compare(*_pair, Split(split))


def _end(error: WhetstoneError) -> None:
    errors.show(error)
    st.stop()


def view() -> str:
    """Show the choice of what is looked at beside the figures."""
    return address.choice("View", list(VIEWS), "show", VIEWS.__getitem__)
