"""The storage on which machines that share no disk find the folders of all runs."""

from __future__ import annotations

import os
from pathlib import Path

from storage.errors import TrainingError

VARIABLE = "WHETSTONE_STORE"


def chosen() -> str:
    """Return the URL in WHETSTONE_STORE, "" where run folders lie in the home alone.

    Raises TrainingError where that is no URL.
    """
    url = os.environ.get(VARIABLE, "").rstrip("/")
    if url and "://" not in url:
        raise TrainingError(
            f"{VARIABLE} is {url!r}, which is no URL: write s3://bucket/folder or file:///folder."
        )
    return url


def place_of(folder: Path) -> str:
    """Return where a run's folder is kept on the storage; "" where there is none."""
    url = chosen()
    return f"{url}/runs/{folder.name}" if url else ""
