"""What is said of a project's people: pairs, all together, who stands out."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from engine.agreement import everyone, pairs, people
from engine.agreement.everyone import Everyone
from engine.agreement.pairs import Pair
from engine.agreement.people import Standing
from engine.agreement.versions import Versions
from engine.inspection.agreement import reading
from storage.database.connection import Database
from storage.types import Project, Run


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A comparison of all people of a project, and of a model where one was named."""

    versions: Versions
    pairs: Sequence[Pair]
    together: Everyone
    """Of people alone: no model is among them."""
    standings: Sequence[Standing]
    people: int
    """How many of those who are compared are people: a model comes last."""
    stamp: Hashable
    """What is another one where anything was said since that this tells."""
    seconds: float
    """How long it took."""


def compare(db: Database, project: Project, run: Run | None = None) -> Compared:
    """Compare everybody who has finished documents of a project, and a run's model if named.

    Raises:
        ForbiddenError: whoever acts may not compare what others labelled.
        RunFolderError: what the run has left is damaged.
    """
    stamp, started = stamp_of(db, project, run), time.perf_counter()
    versions = reading.read(db, project, run)
    count = len(versions.people) - bool(run)
    found = pairs.compare(versions)
    among = [pair for pair in found if pair.b < count]
    persons = versions.of_people(range(count))
    standings = people.standings(among, count)
    together = everyone.compare(persons)
    seconds = time.perf_counter() - started
    return Compared(versions, found, together, standings, count, stamp, seconds)


def stamp_of(db: Database, project: Project, run: Run | None = None) -> Hashable:
    """Return the stamp that a comparison of now would have."""
    known = run and (run.folder, run.attempt, run.finished_at)
    return reading.stamp(db, project), project.id, known
