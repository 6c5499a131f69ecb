"""What people decided about a project's coach: whether it works, from when on it speaks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from storage.corpus.projects import coach_key
from storage.database import settings
from storage.database.connection import Database


@dataclass(frozen=True, slots=True)
class Choices:
    """``threshold`` is how sure it must be to suggest a mark; None leaves that to itself.

    ``labels_drags`` tells whether words that a person drags over get the label that is likeliest
    there, where none is taken up.
    """

    on: bool = True
    threshold: float | None = None
    labels_drags: bool = True


def of(db: Database, project_id: int) -> Choices:
    """Return what was decided for a project."""
    found: dict[str, Any] = settings.get(db, coach_key(project_id), {})
    usual = asdict(Choices())
    return Choices(**{name: found.get(name, value) for name, value in usual.items()})


def put(db: Database, project_id: int, choices: Choices) -> None:
    """Store what was decided for a project."""
    settings.put(db, coach_key(project_id), asdict(choices))
