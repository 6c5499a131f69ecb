"""What a new project labels: the tasks, each in a sentence, to choose among."""

from __future__ import annotations

import streamlit as st

from engine import tasks
from engine.formats import Shape
from storage.corpus import projects
from storage.database.connection import Database
from storage.types import Project


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


def create(db: Database, name: str, task: str) -> Project:
    """Create an empty project, with its answers where its task has some from the first."""
    kind = tasks.get(task)
    made = projects.create_project(db, name, task, allow_overlaps=Shape.of(kind).several)
    if kind.fitting is not None:
        projects.add_labels(db, made.id, list(kind.fitting.answers(())))
    return made
