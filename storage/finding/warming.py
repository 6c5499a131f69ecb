"""What the first look at a large project takes time for, done before somebody looks."""

from __future__ import annotations

from storage.database.connection import Database
from storage.finding import facets
from storage.finding.sets import measures
from storage.texts import folded


def warm(db: Database, project_id: int) -> None:
    """Read of a project what its pages keep: from its files, and what has changed since.

    Without files a million documents take half a minute.
    """
    facets.index(db, project_id)
    facets.disagreeing(db, project_id)
    measures.of(db, project_id)
    folded.refresh(db, project_id)


def keep(db: Database) -> None:
    """Write down what is kept in memory of large projects, for the next start."""
    facets.keep(db)
    measures.keep(db)
