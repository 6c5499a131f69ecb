"""Whose trouble an error is: one run's, which is given up for it, or that of all."""

from __future__ import annotations

from engine.runs.files import REMEDY
from storage import home
from storage.errors import FaultError, StorageError, WhetstoneError
from storage.types import Run


def is_of_the_database(error: Exception) -> bool:
    """Tell what concerns every run from what is wrong with one: that it was asked the impossible.

    Out of the database's own trouble a run comes by itself, in a later round.
    """
    return isinstance(error, StorageError) and not isinstance(error, FaultError)


def sentence(error: Exception, run: Run) -> str:
    """Say what is wrong with a run, and what to do."""
    if isinstance(error, WhetstoneError) and not isinstance(error, FaultError):
        return str(error)
    said = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    return f"What lies in {home.run_folder(run.folder)} cannot be used ({said}). {REMEDY}"
