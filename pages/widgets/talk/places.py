"""The address of the very place that a thread is about."""

from __future__ import annotations

from dataclasses import dataclass

from storage.collaboration.about import Kind
from storage.collaboration.threads import Thread

THREAD = "thread"
"""What the address of a page says of the thread that is to be shown there."""
ICONS = {
    Kind.DOCUMENT: "description",
    Kind.SPAN: "ink_highlighter",
    Kind.LABEL: "label",
    Kind.RUN: "model_training",
    Kind.CELL: "grid_on",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A page ("tag.py") and the parameters of its address."""

    page: str
    params: dict[str, str]


def of(thread: Thread) -> Place:
    """Return where a thread is shown beside what it is about."""
    about = thread.about
    if about.kind in (Kind.DOCUMENT, Kind.SPAN):
        named = {"document": about.document, "start": about.start, "end": about.end}
        return Place("tag.py", _written(**named, thread=thread.id))
    if about.kind is Kind.LABEL:
        return Place("guideline.py", _written(thread=thread.id))
    cell = {"split": about.split, "gold": about.gold, "predicted": about.predicted}
    return Place("report.py", _written(run=about.run, **cell, thread=thread.id))


def _written(**named: object) -> dict[str, str]:
    return {name: str(value) for name, value in named.items() if value not in (None, "")}
