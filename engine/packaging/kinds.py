"""What packages there are, and what they are called. Light to import."""

from __future__ import annotations

import re
from enum import StrEnum


class Kind(StrEnum):
    """What a package is for."""

    FOLDER = "folder"
    ONNX = "onnx"
    SPACY = "spacy"


def name_of(project: str, number: int) -> str:
    """Return a name for the package of a project's run, such as Python may have."""
    plain = re.sub(r"[^a-z0-9]+", "_", project.lower()).strip("_") or "project"
    return f"{plain}_run_{number}"
