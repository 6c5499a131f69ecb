"""What is said of a project's people: pairs, all together, who stands out."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.agreement import everyone, pairs, people
from engine.agreement.everyone import Everyone
from engine.agreement.pairs import Pair
from engine.agreement.people import Standing
from engine.agreement.versions import Versions
from engine.inspection.agreement import reading
from storage.collaboration import versions as stored
from storage.database.connection import Database
from storage.types import Project, Run

Tell = Callable[[float, str], None]
"""Is told what is done next, and what share of all is done by then."""
# Shares of the whole that reading and comparing pairs take.
READ, PAIRS = 0.15, 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A comparison of all people of a project, and of what was imported or a model if asked for."""

    versions: Versions
    pairs: Sequence[Pair]
    together: Everyone
    """Of people alone: neither what was imported nor a model is among them."""
    standings: Sequence[Standing]
    people: int
    """How many of those who are compared are people: what was imported and a model come last."""
    shown: int
    """How many of the documents that several finished were labelled by one who was shown labels."""
    stamp: Hashable
    """What is another one where anything was said since that this tells."""
    seconds: float
    """How long it took."""


def compare(
    db: Database,
    project: Project,
    run: Run | None = None,
    imported: bool = False,
    tell: Tell = lambda share, words: None,
) -> Compared:
    """Compare everybody who has finished documents of a project.

    Besides, what was ``imported`` as nobody's if asked for, and a run's model if one is named.

    Raises:
        ForbiddenError: whoever acts may not compare what others labelled.
        RunFolderError: what the run has left is damaged.
    """
    stamp, started = stamp_of(db, project, run, imported), time.perf_counter()
    tell(0.0, "Reading what people labelled")
    versions = reading.read(db, project, run, imported)
    names, count = versions.people, len(versions.persons)

    def at(done: int, of: int, a: int, b: int) -> None:
        share = READ + PAIRS * done / of
        tell(share, f"{names[a]} and {names[b]}: pair {done + 1:,} of {of:,}")

    found = pairs.compare(versions, tell=at)
    among = [pair for pair in found if pair.b < count]
    persons = versions.of_people(versions.persons)
    standings = people.standings(among, count)
    tell(READ + PAIRS, "All people together")
    together = everyone.compare(persons)
    seen = stored.shown(db, project.id) if count > 1 else ()
    shown = int(np.isin(persons.documents[persons.shared], list(seen)).sum())
    seconds = time.perf_counter() - started
    return Compared(versions, found, together, standings, count, shown, stamp, seconds)


def stamp_of(
    db: Database, project: Project, run: Run | None = None, imported: bool = False
) -> Hashable:
    """Return the stamp that a comparison of now would have."""
    known = run and (run.folder, run.attempt, run.finished_at)
    return reading.stamp(db, project), project.id, known, imported
