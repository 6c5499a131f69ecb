"""The job runner: from a queued row to a worker process and back to rows."""

from engine.runner.queue import enqueue, lacks, resume
from engine.runner.service import JobRunner

__all__ = ["JobRunner", "enqueue", "lacks", "resume"]
