"""Fixtures of the training engine: tiny base models, made once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine import launchers
from engine.launchers import Launcher
from tests.engine import tiny
from tests.workers.forking import Forking


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
