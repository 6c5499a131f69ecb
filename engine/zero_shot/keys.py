"""The key of an endpoint: in the environment, or in a file of the home, and for one server only."""

from __future__ import annotations

import os
from pathlib import Path

from engine.zero_shot.model import ZeroShotModel

VARIABLE, FILE = "WHETSTONE_ZERO_SHOT_KEY", "zero-shot-key"


def key_for(home: Path, model: ZeroShotModel) -> str:
    """Return the key that a model's server gets; "" where there is none for it.

    One that was given for another server is not sent to this one.
    """
    if given := os.environ.get(VARIABLE):
        return given
    path = home / FILE
    told = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    origin, _, key = told.partition("\n")
    return key if origin == model.origin else ""


def to_text(key: str, model: ZeroShotModel) -> str:
    """Return what the file holds: whose the key is, and in another line the key; "" for none."""
    return f"{model.origin}\n{key}" if key else ""
