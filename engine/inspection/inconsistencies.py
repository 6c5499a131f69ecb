"""The same words with different marks, over all that is done in a project."""

from __future__ import annotations

from threading import Lock

from engine import tasks
from engine.evaluation.inconsistencies import Inconsistency
from engine.inspection.training_data import TrainingData
from storage.database.connection import Database
from storage.finding.sets import bit_sets
from storage.journal import annotations as journal
from storage.types import Project

# So many documents are held at once: a hundred megabytes, and some seconds.
MOST = 25_000
# What was found, of one project: a large one takes seconds, and pages ask at every click.
_found: dict[str, tuple[object, list[Inconsistency]]] = {}
_one_at_a_time = Lock()


def find(db: Database, project: Project) -> list[Inconsistency]:
    """Find the words whose places differ among a project's documents that are done.

    Those are left out of which somebody has found right every odd place. What was found is kept
    until something changes in the project. Of very many documents the newest are read (``read``).
    """
    now = project.id, project.labels, journal.stamp(db, project.id)
    with _one_at_a_time:
        before, found = _found.get(db.url, (None, []))
        if before != now:
            done = journal.of_documents(db, _done(db, project)[-MOST:])
            judged = journal.judged(db, project.id)
            everything = tasks.get(project.task).inconsistencies(done)
            found = [one for one in everything if one.open(judged)]
            _found[db.url] = now, found
    return found


def read(db: Database, project: Project) -> tuple[int, int]:
    """Return how many documents are looked at, and how many are done."""
    done = len(_done(db, project))
    return min(done, MOST), done


def _done(db: Database, project: Project) -> list[int]:
    return bit_sets.members(TrainingData.of(db, project).done()).tolist()
