"""A file's columns: what each was taken for, and which one somebody means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storage.errors import InputError


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its name, what it was read as ("" for nothing), and what it holds."""

    name: str
    role: str = ""
    examples: tuple[str, ...] = ()


def place_of(names: Sequence[str], choice: object) -> int | None:
    """Return which column is meant by a name or a number from 1, None where none was chosen."""
    choice = "" if choice is None else str(choice).strip()
    if not choice:
        return None
    if choice in names:
        return names.index(choice)
    if choice.isdecimal() and len(choice) < 10 and 1 <= int(choice) <= len(names):
        return int(choice) - 1
    raise InputError(f'There is no column "{choice[:40]}"; choose one of {", ".join(names)}.')
