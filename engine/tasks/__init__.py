"""Tasks: what a person labels, one package a task, each with one line in the registry below.

Here: everything that differs between spans, classes and pairs. Not here: what is the same for
all. A task is named, and imported when it is asked for; torch comes with its head alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from storage import tasks
from storage.errors import InputError

if TYPE_CHECKING:
    from engine.tasks.base import Task

_TASKS = {
    "spans": "engine.tasks.spans.task:SPANS",
    "classes": "engine.tasks.classes.task:CLASSES",
    "multilabel": "engine.tasks.classes.task:MULTILABEL",
    "pairs": "engine.tasks.pairs.task:PAIRS",
}


def register(name: str, place: str) -> None:
    """Make a task known: ``place`` is the ``module:object`` that holds it."""
    if _TASKS.setdefault(name, place) != place:
        raise ValueError(f"There are two tasks named '{name}'.")
    task = get(name)
    tasks.register(name, task.marks_whole, task.edits, task.words)


def known() -> tuple[str, ...]:
    """Return the names of all tasks, in the order in which people choose among them."""
    return tuple(_TASKS)


def get(name: str) -> Task:
    """Return the task of that name; raise InputError where there is none."""
    if name not in _TASKS:
        raise InputError(f"Training for {name} is not available; choose {', '.join(_TASKS)}.")
    module, _, found = _TASKS[name].partition(":")
    return getattr(import_module(module), found)
