"""What is compared and what of it is open: the address says it, a click changes it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import streamlit as st

from engine.agreement import saying
from engine.agreement.pairs import Pair
from engine.evaluation.confusion import Confusion, confuse
from engine.inspection.agreement import comparing, matching
from engine.inspection.agreement.comparing import Compared
from pages.widgets.common import address, errors, leave, run_picker
from storage.cells import ANY, Cell, Only
from storage.collaboration import people
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.types import Match, Project, Run

# Comparisons that are kept: each takes a few seconds to compute.
KEPT = 4
# In so many seconds a comparison is made anew whenever something has changed.
QUICK = 0.5
# No run: a cell of the page is one of two people.
NO_RUN, NO_SPLIT = 0, ""
PEOPLE = "People only"
IMPORTED = "With imported labels"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows: a comparison, the pair that is open, and what of its table is."""

    project: Project
    found: Compared
    pair: Pair
    part: Cell
    matches: Sequence[Match]

    @property
    def confusion(self) -> Confusion:
        return Confusion.of({"confusion": confuse(self.matches)})

    @property
    def names(self) -> tuple[str, str]:
        """What the two are called."""
        return self.found.versions.people[self.pair.a], self.found.versions.people[self.pair.b]


@dataclass(frozen=True, slots=True)
class Beside:
    """What is compared beside people: what was imported as nobody's, or a run's model."""

    run: Run | None = None
    imported: bool = False


def beside(project: Project) -> Beside:
    """Show the choice of what is one more side beside people, and return it."""
    known = {run.id: run for run in run_picker.models(project, "run")}
    brought = [0] if people.importers(database(), project.id) else []
    wanted = [None, *brought, *known]
    if len(wanted) == 1:
        return Beside()
    titles = {None: PEOPLE, 0: IMPORTED} | {
        id: f"With {run_picker.title(run)}" for id, run in known.items()
    }
    asked = 0 if "imported" in st.query_params else address.read_id("run")
    chosen = st.selectbox(
        "Beside",
        wanted,
        index=wanted.index(asked) if asked in wanted else 0,
        format_func=titles.get,
        label_visibility="collapsed",
        width=260,
        help="Imported labels are those of files that name no annotator, where nobody has edited "
        "them since: nobody's judgement. A model is compared on what it was scored on, dev and "
        "test: it has not learned them.",
    )
    address.write(run=str(chosen or ""), imported="" if chosen != 0 else "yes")
    return Beside(known.get(chosen), chosen == 0)


def compared(project: Project, beside: Beside) -> Compared:
    """Return the comparison; say what is missing and end the page where there is none.

    Where it takes long it stays as it is while people go on labelling, until somebody asks.
    """
    now = comparing.stamp_of(database(), project, beside.run, beside.imported)
    kept = f"agreement-kept-{project.id}-{beside.run and beside.run.id}-{beside.imported}"
    try:
        found = _compared(project, beside, st.session_state.setdefault(kept, now))
        if found.stamp != now and found.seconds < QUICK:
            st.session_state[kept] = now
            found = _compared(project, beside, now)
    except WhetstoneError as error:
        errors.show(error)
        st.stop()
    if found.stamp != now:
        st.button(
            "Labels have changed since: compare anew",
            icon=":material/refresh:",
            type="tertiary",
            key="agreement-anew",
            on_click=lambda: st.session_state.pop(kept),
        )
    if not any(pair.documents for pair in found.pairs):
        _say_what_is_missing(found)
    return found


def _compared(project: Project, beside: Beside, key: Hashable) -> Compared:
    """Return a comparison that was made, or make it and show how far it is."""
    kept = _kept()
    if key in kept:
        return kept[key]
    place = st.empty()
    bar = place.progress(0.0, "Comparing what people labelled …")

    def tell(share: float, words: str) -> None:
        bar.progress(share, f"{words} …")

    found = comparing.compare(database(), project, beside.run, beside.imported, tell)
    place.empty()
    kept[key] = found
    for oldest in list(kept)[:-KEPT]:
        kept.pop(oldest, None)
    return found


@st.cache_resource(show_spinner=False)
def _kept() -> dict[Hashable, Compared]:
    """Return the newest comparisons, of all sessions, by what they were asked of."""
    return {}


def _say_what_is_missing(found: Compared) -> None:
    said = (
        "Agreement is of two people or more who finished the same documents, and no two have "
        "finished one yet."
        if len(found.versions.people) > 1
        else "Agreement is of two people or more, and only one has finished documents here."
    )
    st.info(said, icon=":material/info:")
    leave.page_link("tag.py", label="Tag documents", icon=":material/ink_highlighter:")
    st.stop()


def open_pair(found: Compared) -> Pair:
    """Return the pair that is open."""
    return (_named(found) or _weakest(found))[0]


def shown(project: Project, found: Compared) -> Shown:
    """Return what is open: what the address names, else the weakest label of the weakest pair."""
    pair, row = _named(found) or _weakest(found)
    matches = _matches(project, found, pair)
    table = Confusion.of({"confusion": confuse(matches)})
    label = found.versions.labels[row - 1] if row else ANY
    named = address.read_cell(NO_RUN, NO_SPLIT)
    part = named or Cell(NO_RUN, NO_SPLIT, label, only=Only.ERRORS)
    if part.gold not in (ANY, *table.rows) or part.predicted not in (ANY, *table.columns):
        part = Cell(NO_RUN, NO_SPLIT, ANY, only=Only.ERRORS)
    return Shown(project, found, pair, part, matches)


def put(found: Compared, pair: Pair, part: Cell) -> None:
    """Open a part of a pair's table."""
    names = found.versions.people
    said = address.of_cell(part)
    parts = {name: said.get(name, "") for name in address.PART}
    address.write(a=names[pair.a], b=names[pair.b], **parts)


def errors_of(label: str) -> Cell:
    """Return the part with all that two do not say alike of a label, or of any."""
    return Cell(NO_RUN, NO_SPLIT, label, only=Only.ERRORS)


def _named(found: Compared) -> tuple[Pair, int] | None:
    names = found.versions.people
    asked = st.query_params.get("a"), st.query_params.get("b")
    for pair in found.pairs:
        if (names[pair.a], names[pair.b]) == asked and pair.documents:
            return pair, 0
    return None


def _weakest(found: Compared) -> tuple[Pair, int]:
    known = saying.weakest(found.pairs)
    return known or (next(pair for pair in found.pairs if pair.documents), 0)


def _matches(project: Project, found: Compared, pair: Pair) -> Sequence[Match]:
    key = found.stamp, pair.a, pair.b, project.task
    return _matched(found, pair, project.task, key)


@st.cache_resource(max_entries=4 * KEPT, show_spinner=False)
def _matched(_found: Compared, _pair: Pair, task: str, key: Hashable) -> Sequence[Match]:
    return matching.match(_found.versions, _pair.a, _pair.b, task)
