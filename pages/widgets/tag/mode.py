"""How a project's documents are labelled: what the tagger must know of the project's task."""

from __future__ import annotations

from typing import Any

from engine import tasks
from storage.types import Project


def describe(project: Project) -> dict[str, Any]:
    """Return the tagger's mode, and the rules that edits of a document are held to."""
    task = tasks.get(project.task)
    return {
        "mode": task.tagger,
        "marks_whole": task.marks_whole,
        "edits": sorted(task.edits),
        "allow_overlaps": project.allow_overlaps,
    }
