"""Fixtures of the training engine: tiny base models, made once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

# Threads that spin while they wait make tiny models a hundred times slower on a busy machine;
# read once, when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from engine import launchers  # noqa: E402
from engine.launchers import Launcher  # noqa: E402
from tests.engine import tiny  # noqa: E402
from tests.workers.forking import Forking  # noqa: E402


@pytest.fixture
def launch_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[Launcher], None]:
    """Let a launcher start the runs of this computer."""
    return lambda launcher: monkeypatch.setitem(launchers.MADE, "local", lambda _: launcher)


@pytest.fixture
def forking(launch_with: Callable[[Launcher], None]) -> None:
    """Let runs of this computer start at once: their workers need not load torch first."""
    launch_with(Forking())


@pytest.fixture(scope="session", params=sorted(tiny.KINDS))
def any_base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny base model of each kind of tokenizer in turn."""
    return tiny.save_base(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT with a WordPiece tokenizer."""
    return tiny.save_base(tmp_path_factory.mktemp("bert"))
