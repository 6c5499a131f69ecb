"""A worker that also knows the kind of run that a test brings: ``-m tests.workers.counter``."""

from __future__ import annotations

import sys

from engine import worker
from tests.engine.jobs.counting import COUNT

if __name__ == "__main__":
    assert COUNT.name
    sys.exit(worker.main(sys.argv[1:]))
