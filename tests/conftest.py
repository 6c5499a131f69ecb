"""What every test gets: a home folder of its own, never the user's."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep user data in a temporary folder, offline."""
    folder = tmp_path / "home"
    monkeypatch.setenv("WHETSTONE_HOME", str(folder))
    monkeypatch.delenv("WHETSTONE_DB", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return folder
