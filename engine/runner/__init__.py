"""The job runner: from a queued row to a worker process and back to rows."""

from engine.runner.deleting import delete_project, delete_run
from engine.runner.owning import folder_of
from engine.runner.queue import (
    UNSCORED,
    again,
    check_labels,
    enqueue,
    has_model,
    inspect,
    lacks,
    models,
    newest_model,
    resume,
    suggest,
    unscored,
)
from engine.runner.service import JobRunner
from engine.runner.waiting import why

__all__ = [
    "UNSCORED",
    "JobRunner",
    "again",
    "check_labels",
    "delete_project",
    "delete_run",
    "enqueue",
    "folder_of",
    "has_model",
    "inspect",
    "lacks",
    "models",
    "newest_model",
    "resume",
    "suggest",
    "why",
    "unscored",
]
