"""A server of the application as tests start it: what loads torch beside it is forked."""

from __future__ import annotations

import os
import sys

from streamlit.web import cli

from engine.coach.forkserver import ForkServer
from engine.coach.registry import coaches
from engine.inference import model_client
from tests.workers import piped
from tests.workers.forking import COACH


def main() -> None:
    """Serve with the arguments of ``streamlit``."""
    model_client.spawn = piped.serve_models
    # A coach that reads texts beside every Tag page would take what the tests have of a machine:
    # who tests one names it.
    coaches._forks = ForkServer((sys.executable, "-m", os.environ.get(COACH, "")))
    if COACH not in os.environ:
        coaches.start = lambda: None  # type: ignore[method-assign]
    cli.main()
