"""What a new project labels: the tasks, each in a sentence, to choose among."""

from __future__ import annotations

import streamlit as st

from engine import tasks
from engine.formats import Shape
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import InputError
from storage.knowledge import taking_over
from storage.types import Project

STARTS = (
    "Copies a project's labels, guideline, examples and word lists; suggestions while you tag and "
    "the first training begin with its newest model."
)


def choose(key: str, *, compact: bool = False) -> str:
    """Ask what is to be labelled and return the task's name."""
    titles = {name: tasks.get(name).title for name in tasks.known()}
    if compact:
        return st.selectbox(
            "What do you label?",
            list(titles),
            format_func=titles.__getitem__,
            key=key,
            label_visibility="collapsed",
            width=300,
        )
    return st.radio("What do you label?", list(titles), format_func=titles.__getitem__, key=key)


def choose_start(db: Database) -> Project | None:
    """Ask from which other project's knowledge a new one starts; None: from nothing."""
    known = [each for each in projects.list_projects(db) if each.labels]
    if not known:
        return None
    chosen: Project | None = st.selectbox(
        "Start from",
        [None, *known],
        format_func=lambda each: "nothing" if each is None else each.name,
        help=STARTS,
    )
    return chosen


def create(db: Database, name: str, task: str, other: Project | None = None) -> Project:
    """Create an empty project, with its answers where its task has some from the first.

    With ``other`` it starts with what that one knows. Raises InputError, also where that one is
    of another task.
    """
    kind = tasks.get(task)
    if other and other.task != task:
        raise InputError(f'"{other.name}" labels something else: choose that above, or "nothing".')
    made = projects.create_project(db, name, task, allow_overlaps=Shape.of(kind).several)
    if kind.fitting is not None:
        projects.add_labels(db, made.id, list(kind.fitting.answers(())))
    if other:
        taking_over.start_from(db, made.id, other.id)
    return made
