"""The job runner: from a queued row to a worker process and back to rows."""

from engine.runner.deleting import delete_project, delete_run
from engine.runner.owning import folder_of
from engine.runner.queue import (
    UNSCORED,
    enqueue,
    enqueue_look,
    lacks,
    newest_model,
    resume,
    unscored,
)
from engine.runner.service import JobRunner
from engine.runner.waiting import why

__all__ = [
    "UNSCORED",
    "JobRunner",
    "delete_project",
    "delete_run",
    "enqueue",
    "enqueue_look",
    "folder_of",
    "lacks",
    "newest_model",
    "resume",
    "why",
    "unscored",
]
