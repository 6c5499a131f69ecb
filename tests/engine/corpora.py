"""Real files beside the checkout; tests that need one are skipped where it is absent."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "../shared"


def shared(path: str) -> Path:
    """Return a shared file or skip the test."""
    file = (SHARED / path).resolve()
    if not file.is_file():
        pytest.skip(f"{path} is not here")
    return file
