"""Words for people: how many of something, and what a project calls its marks and documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from storage import tasks
from storage.corpus import projects
from storage.database.store import database
from storage.types import Project, Run
from storage.words import Words


def count(number: int, noun: str) -> str:
    """Say how many: ``count(1, "span")`` is "1 span"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def of(project: Project) -> Words:
    """Return what people call the things of a project's task."""
    return tasks.words(project.task)


def filled(columns: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return a table's columns with a task's words in their heads and what these explain."""
    said = ("label", "help")
    return {
        name: {key: words.fill(text) if key in said and text else text for key, text in one.items()}
        for name, one in columns.items()
    }


def spoken(run: Run) -> str:
    """Return what a run's figure is called in a sentence: "F1", "accuracy"."""
    return of(projects.get_project(database(), run.project_id)).spoken


def dev_f1(run: Run) -> str:
    """Return what a run's F1 on dev is called: "Dev entity F1"."""
    named = of(projects.get_project(database(), run.project_id)).f1
    return f"Dev {named[0].lower()}{named[1:]}"
