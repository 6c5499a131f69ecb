"""Whose turn it is: an attempt that was replaced writes nothing into the run's folder any more.

On one machine the folder's lock says so too; on shared storage, where locks do not reach,
only the attempt's number in ``spec.json`` does.
"""

from __future__ import annotations

from pathlib import Path

from engine.runs import spec


class Superseded(Exception):
    """Another attempt owns the folder; no error, but nothing may be written."""


class Fence:
    """Asks before every write whether the folder still belongs to this attempt."""

    def __init__(self, folder: Path, attempt: int) -> None:
        self._folder, self._attempt = folder, attempt

    def check(self) -> None:
        """Raise Superseded where it does not."""
        now = spec.read_attempt(self._folder)
        if now != self._attempt:
            who = f"Attempt {now}" if now else "Another machine"
            raise Superseded(f"{who} has taken over from attempt {self._attempt}.")
