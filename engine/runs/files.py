"""Files of a run's folder: written whole; missing or broken ones are told in one sentence.

A folder lies on a disk that fills up, loses power and is tidied by people, so nothing that is
read from it is taken on trust. Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from storage import atomic
from storage.errors import RunFolderError

# What a finished run leaves, by name.
REPORT, USAGE, MODEL = "report.json", "usage.json", "model"
RETRIEVER = "retriever"
"""The bi-encoder that a run on pairs of texts trains beside its model."""
REMEDY = "Resume the run, or start a new one; your labels are safe."
# What reading a file raises that is not what it should be.
_PROBLEMS: tuple[type[Exception], ...] = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    RecursionError,
    OverflowError,
)


@contextmanager
def reading(path: Path, *others: type[Exception]) -> Iterator[None]:
    """Turn what goes wrong while a file is read, ``others`` too, into one sentence about it.

    Raises:
        RunFolderError: the file is missing, or is not what it should be.
    """
    try:
        yield
    except RunFolderError:
        raise
    except _PROBLEMS + others as problem:
        raise RunFolderError(_sentence(path, problem)) from problem


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object that a file holds; raises RunFolderError."""
    with reading(path):
        found = json.loads(path.read_bytes(), parse_constant=_refuse)
        if not isinstance(found, dict):
            raise ValueError("it holds no JSON object")
    return found


def put(path: Path, text: str) -> None:
    """Write a small file whole or not at all, and see it onto the disk."""
    # Not under a draft's name: the worker sweeps those away (see checkpoints.sweep).
    draft = path.with_name(f".new-{path.name}")
    with atomic.replacing(path, draft) as file:
        file.write(text.encode())


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def _sentence(path: Path, problem: Exception) -> str:
    if not path.exists():
        return f"The file {path} is missing. {REMEDY}"
    if path.is_dir():
        return f"{path} is a folder, and should be a file. {REMEDY}"
    return f"The file {path} cannot be read ({_why(problem)}). {REMEDY}"


def _why(problem: Exception) -> str:
    """Return the first line of what an error says, in words."""
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    if isinstance(problem, KeyError):
        return f"it lacks {problem}"
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0].rstrip(".")
