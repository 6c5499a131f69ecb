"""What people decided about a project's coach: whether it works, from when on it speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storage.corpus.projects import coach_key
from storage.database import settings
from storage.database.connection import Database


@dataclass(frozen=True, slots=True)
class Choices:
    """``threshold`` is how sure it must be to suggest a mark; None leaves that to itself."""

    on: bool = True
    threshold: float | None = None


def of(db: Database, project_id: int) -> Choices:
    """Return what was decided for a project."""
    found: dict[str, Any] = settings.get(db, coach_key(project_id), {})
    return Choices(bool(found.get("on", True)), found.get("threshold"))


def put(db: Database, project_id: int, choices: Choices) -> None:
    """Store what was decided for a project."""
    settings.put(db, coach_key(project_id), {"on": choices.on, "threshold": choices.threshold})
