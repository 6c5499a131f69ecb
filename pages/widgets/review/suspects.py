"""The view Suspects: labels that models which never saw them doubt, walked one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from engine.evaluation.suspects import LIKELY
from engine.inspection import label_check
from pages.coaching.changes import Since
from pages.widgets import walk
from pages.widgets.changed import line
from pages.widgets.common.colors import Shade
from pages.widgets.review import checking
from storage.database.store import database
from storage.errors import NotFoundError
from storage.runs import runs, suspects
from storage.runs.suspects import Sort, State, StoredSuspect, Wanted
from storage.types import Project, Run, RunState

EVERYTHING, EVERY_LABEL = "all", ""
SORTS: dict[Sort, tuple[str, Shade]] = {
    Sort.LABEL: ("wrong label", "red"),
    Sort.BORDERS: ("wrong borders", "orange"),
    Sort.MISSING: ("missing", "violet"),
    Sort.SPARE: ("nothing there", "blue"),
}


class Suspects:
    """The suspects with these ids as rows to walk, read a page at a time."""

    def __init__(self, ids: Sequence[int]) -> None:
        self._ids = ids

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, part: slice) -> list[walk.Row]:
        return [_row(each) for each in suspects.of_ids(database(), self._ids[part])]


def show(project: Project) -> None:
    """Show how the check stands on the left, and what it suspects on the right."""
    newest, done = label_check.newest(database(), project.id), label_check.done(database(), project)
    if newest is None:
        checking.offer(project)
        return
    if done is None:
        checking.follow(newest)
        return
    shown = _shown(project, done)
    left, right = st.columns([7, 13], gap="medium")
    with right:
        _list(project, shown)
    with left:
        checking.follow_up(project, newest, shown)


def _shown(project: Project, done: Run) -> Run:
    """Return the check whose list somebody has before them: a new one comes when they ask."""
    (run, attempt, _), ids = st.session_state.get(_key(project)) or ((0, 0, None), ())
    if not ids:
        return done
    try:
        known = runs.get_run(database(), run)
    except NotFoundError:
        return done
    return known if (known.attempt, known.state) == (attempt, RunState.DONE) else done


def _list(project: Project, run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        wanted = _choose(run)
        if st.button(
            "Anew",
            icon=":material/refresh:",
            type="tertiary",
            key="suspects-anew",
            help="What you have decided leaves the list.",
        ):
            _forget(project)
            st.rerun()
    ids = _frozen(project, run, wanted)
    line.show(project, "suspects", lambda: _again(project, run, wanted), _in_words(project, run))
    if ids:
        walk.show(project, Suspects(ids), key="suspects")
    else:
        st.info("Nothing of this kind is open.", icon=":material/check_circle:")


def _choose(run: Run) -> Wanted:
    """Ask which suspects are listed."""
    sort = st.selectbox(
        "What is wrong",
        [EVERYTHING, *Sort],
        format_func=_titles(run).__getitem__,
        key=f"suspects-sort-{run.id}",
        label_visibility="collapsed",
        width=170,
    )
    label = st.selectbox(
        "Label",
        [EVERY_LABEL, *suspects.labels(database(), run.id)],
        format_func=lambda name: name or "Any label",
        key=f"suspects-label-{run.id}",
        label_visibility="collapsed",
        width=115,
    )
    decided = st.toggle(
        "Decided",
        key=f"suspects-decided-{run.id}",
        help="Lists also those that were mended, or found right as they are.",
    )
    states = tuple(State) if decided else (State.OPEN,)
    return Wanted(0.0, label, None if sort == EVERYTHING else Sort(sort), states)


def _titles(run: Run) -> dict[str, str]:
    """Name the sorts, with how many of them look wrong and are open."""
    titles: dict[str, str] = {EVERYTHING: "Whatever is wrong"}
    for sort, (words, _) in SORTS.items():
        left = suspects.count(database(), run.id, Wanted(LIKELY, "", sort))[State.OPEN]
        titles[sort] = f"{words.capitalize()} ({left:,})"
    return titles


def _row(each: StoredSuspect) -> walk.Row:
    words, shade = SORTS[each.sort]
    # The same of a suspect that was weighed anew: who was at it stays there.
    sides = (each.given, each.suggested)
    place = [f"{side.start}-{side.end}-{side.label}" if side else "" for side in sides]
    return walk.Row(
        f"{each.document}/{'/'.join(place)}",
        each.document,
        each.given,
        each.suggested,
        kind=words,
        reason=each.reason,
        score=each.score,
        shade=shade,
    )


def _frozen(project: Project, run: Run, wanted: Wanted) -> list[int]:
    """Return the list as it was when it was asked for: no row moves while people decide."""
    asked = run.id, run.attempt, wanted
    known = st.session_state.get(_key(project))
    if known is None or known[0] != asked:
        found = suspects.ids(database(), run.id, wanted)
        known = st.session_state[_key(project)] = asked, found
        line.begin(project, "suspects")
    return known[1]


def _in_words(project: Project, run: Run) -> Callable[[Since], str]:
    """Return what says that there is another list: of a new check, or of this one."""

    def words(since: Since) -> str:
        newer = suspects.newest_run(database(), project.id) not in (None, run.id)
        return "A new check is there" if newer else line.in_words(since)

    return words


def _again(project: Project, run: Run, wanted: Wanted) -> None:
    """Make the list anew, of the newest check, at the place where the person was."""
    before = Suspects(_frozen(project, run, wanted))
    _forget(project)
    now = label_check.done(database(), project) or run
    # Another check's list begins with everything that it suspects.
    wanted = wanted if now.id == run.id else Wanted(states=(State.OPEN,))
    walk.keep_place("suspects", before, Suspects(_frozen(project, now, wanted)))


def _forget(project: Project) -> None:
    st.session_state.pop(_key(project), None)


def _key(project: Project) -> str:
    return f"suspects-list-{project.id}"
