"""The job runner: from a queued row to a worker process and back to rows."""

from engine.runner.queue import enqueue, enqueue_look, lacks, newest_model, resume
from engine.runner.service import JobRunner

__all__ = ["JobRunner", "enqueue", "enqueue_look", "lacks", "newest_model", "resume"]
