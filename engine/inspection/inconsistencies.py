"""The same words with different marks, over all that is done in a project."""

from __future__ import annotations

from threading import Lock

from engine import tasks
from engine.evaluation.inconsistencies import Inconsistency
from storage.database.connection import Database
from storage.journal import annotations as journal
from storage.types import Project, Status

# What was found, of one project: a large one takes seconds, and pages ask at every click.
_found: dict[str, tuple[object, list[Inconsistency]]] = {}
_one_at_a_time = Lock()


def find(db: Database, project: Project) -> list[Inconsistency]:
    """Find the words whose places differ among a project's documents that are done.

    Those are left out of which somebody has found right every odd place. What was found is kept
    until something changes in the project.
    """
    now = project.id, project.labels, journal.stamp(db, project.id)
    with _one_at_a_time:
        before, found = _found.get(db.url, (None, []))
        if before != now:
            done = list(journal.current(db, project.id, statuses=(Status.DONE,)))
            judged = journal.judged(db, project.id)
            everything = tasks.get(project.task).inconsistencies(done)
            found = [one for one in everything if one.open(judged)]
            _found[db.url] = now, found
    return found
