"""Queues: which documents the tagger walks through, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.widgets.charts import MISSED, SPURIOUS
from pages.widgets.errors import literal
from pages.widgets.store import database
from storage import documents, reports
from storage.types import Project, Status

OPEN, ALL = "open", "all"
TITLES = {OPEN: "To do", ALL: "All documents"}


@dataclass(frozen=True, slots=True)
class Queue:
    """Documents to walk through. ``name`` is what the address says."""

    name: str
    title: str
    ids: Sequence[int]
    when_empty: str

    def position(self, document: int) -> int:
        """Return the document's place, 0-based."""
        return self.ids.index(document)


def cell_name(run: int, split: str, gold: str, predicted: str) -> str:
    """Name the queue of a confusion cell; labels may hold any character, also a colon."""
    return "/".join(["cell", str(run), split, _quote(gold), _quote(predicted)])


def _quote(label: str) -> str:
    return label.replace("%", "%25").replace("/", "%2F")


def _unquote(label: str) -> str:
    return label.replace("%2F", "/").replace("%25", "%")


def choose(project: Project) -> Queue:
    """Return the queue that the address names; offer the simple ones beside it."""
    asked = st.query_params.get("queue", "")
    cell = _cell(asked)
    titles = TITLES | ({asked: literal(cell.title)} if cell else {})
    default = asked if asked in titles else (OPEN if _open(project) else ALL)
    if st.session_state.get("queue-asked") != (project.id, asked):
        st.session_state["queue-asked"] = (project.id, asked)
        st.session_state["queue"] = default
    chosen = st.segmented_control(
        "Queue",
        list(titles),
        format_func=titles.get,
        key="queue",
        required=True,
        label_visibility="collapsed",
    )
    return cell if cell and chosen == asked else _simple(project, chosen)


def _simple(project: Project, name: str) -> Queue:
    if name == ALL:
        ids = documents.list_ids(database(), project.id)
        return Queue(ALL, TITLES[ALL], ids, "There are no documents yet.")
    ids = _open(project)
    here = st.session_state.get("document")
    if here not in ids and here in documents.list_ids(database(), project.id):
        # What was just finished stays in the list until the next one is open.
        ids = sorted([*ids, here])
    return Queue(OPEN, TITLES[OPEN], ids, "Everything is done: look at all documents instead.")


def _open(project: Project) -> list[int]:
    wanted = (Status.UNTOUCHED, Status.IN_PROGRESS)
    return documents.list_ids(database(), project.id, statuses=wanted)


def _cell(name: str) -> Queue | None:
    kind, *parts = name.split("/")
    if kind != "cell" or len(parts) != 4 or not parts[0].isdecimal():
        return None
    run, split, gold, predicted = int(parts[0]), parts[1], *map(_unquote, parts[2:])
    ids = reports.cell_documents(database(), run, split, *sides(gold, predicted))
    title = f"{gold} → {predicted}, run {run}"
    return Queue(name, title, ids, "This cell of the report has no sentences.")


def sides(gold: str, predicted: str) -> tuple[str | None, str | None]:
    """Turn a cell's two names into labels: spurious has no gold label, missed no predicted."""
    return (None if gold == SPURIOUS else gold, None if predicted == MISSED else predicted)
