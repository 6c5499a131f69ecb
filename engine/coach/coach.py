"""The coach of one project: learns what was finished, and suggests for what comes next."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.coach import start
from engine.coach.learner import Learner
from engine.coach.learning import Learning
from engine.coach.saved import Standing
from engine.coach.start import Origin
from engine.coach.state import Asked
from engine.coach.suggesting import Suggesting
from engine.system import memory, priority
from engine.system.priority import Calls
from storage.coaching import coach_run, work
from storage.coaching.work import Changes, Portion
from storage.corpus import projects
from storage.database.connection import Database

LARGE = 512 << 10
"""Bytes: the rows of a few documents, between which what is learned of them must not lie."""


@dataclass(frozen=True, slots=True)
class Update:
    """What one update has brought: documents learned or unlearned, suggestions made for others.

    ``changed`` are the suggestions that are others now because of documents that had been learned
    before, None where there were no such.
    """

    documents: int = 0
    suggestions: int = 0
    seconds: float = 0.0
    changed: int | None = None


class Coach:
    """Holds what a project's coach knows. Only one process may have it (see ``worker``)."""

    def __init__(self, db: Database, project_id: int, writes: Calls = priority.call) -> None:
        """Load the encoder and what was learned before; raises NotFoundError, ModelError.

        ``writes`` calls what takes a turn at the database.
        """
        self.db, self.project = db, projects.get_project(db, project_id)
        self._writes = writes
        self.run = writes(coach_run.ensure, db, project_id)
        self.learning = Learning(db, self.project, start.find(db, self.project))
        self._suggesting = Suggesting(db, project_id, self.run, writes)

    @property
    def entry(self) -> int:
        """The newest entry of the journal that it has looked at."""
        return self.learning.seen.entry if self.learning.seen else 0

    @property
    def learner(self) -> Learner:
        return self.learning.learner

    @property
    def standing(self) -> Standing:
        return self.learning.standing

    @property
    def origin(self) -> Origin:
        return self.learning.origin

    @property
    def name(self) -> str:
        """What it learns with, in a few words."""
        return self.learning.name

    @property
    def asked(self) -> Asked:
        """Whose words it suggests beside what it has learned."""
        return self._suggesting.asked

    @property
    def reads_on(self) -> bool:
        """Tell whether there are documents that an update had no time to learn."""
        return bool(self.learning.left)

    def update(self, ahead: Sequence[int], limit: float = math.inf) -> Update:
        """Learn what has changed and suggest for the documents that come next.

        After ``limit`` seconds it learns no more of it: the next update goes on (``reads_on``).
        What it has learned so far and what is left is kept together.
        """
        began = time.perf_counter()
        self._begin_anew()
        before, changes = self.learning.names, self.learning.changes()
        renamed = any(changes.now.names.get(id) != name for id, name in before.items())
        if changes.anew:
            self._suggesting = Suggesting(self.db, self.project.id, self.run, self._writes)
        learned, mended = self._learn(changes, began + limit)
        mended = mended or renamed
        if learned or not self.learner.ready:
            self.learning.draw(changes.now, learned)
        behind = self._suggesting.behind if mended else []
        made = self._suggesting.suggest([*behind, *ahead], self.learning)
        self.learning.save()
        seconds = time.perf_counter() - began
        return Update(learned, made.suggestions, seconds, made.changed if mended else None)

    def _begin_anew(self) -> None:
        """Begin with another model, where there is one, or the one it began with is gone."""
        if (origin := start.find(self.db, self.project)) != self.origin:
            self.close()
            self.learning = Learning(self.db, self.project, origin)
            self._suggesting.renew()

    def _learn(self, changes: Changes, ends: float) -> tuple[int, bool]:
        """Learn and unlearn what has changed, portion by portion, as long as there is time.

        Return how many documents, and whether one of them had been learned before.
        """
        count, mended = 0, False
        self.learning.note(changes)
        with memory.giving_back(LARGE):
            for portion in self.learning.portions(list(self.learning.left)):
                mended = mended or any(d.id in self.learner.learned for d in portion.documents)
                count += self._take(portion)
                # What was not taken because the database was in use is taken another time.
                self.learning.tick_off(portion)
                if time.perf_counter() > ends:
                    break
            else:
                # What is left is gone, with its project.
                self.learning.left.clear()
        return count, mended

    def _take(self, portion: Portion) -> int:
        known = self.learner.learned
        finished = [d for d in portion.documents if work.is_learned(d) and d.id not in known]
        self._suggesting.record(finished)
        self._suggesting.note(portion.documents)
        wanted = self.learning.take(portion)
        self._suggesting.forget(wanted)
        return len(wanted)

    def suggest(self, ids: Iterable[int]) -> None:
        """Suggest for some documents more, as far as they are to do."""
        self._suggesting.suggest(ids, self.learning)

    def read(self, ids: Sequence[int]) -> int:
        """Let the encoder read some documents that it has not read; return how many."""
        return self.learning.read(ids)

    def close(self) -> None:
        """Keep what was learned."""
        self.learning.close()
