"""What one project's coach has learned: from which model on, and up to which moment."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from engine import tasks
from engine.coach import saved, start
from engine.coach.learner import Case, Learner, Names
from engine.coach.reading import Reader
from engine.coach.saved import Saved, Standing
from engine.coach.start import Origin, Start
from engine.configuration import bases
from storage import home
from storage.coaching import kept, work
from storage.coaching.work import Changes, Moment, Portion
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import NotFoundError
from storage.runs import runs
from storage.types import Document, Project

SAMPLE = 24
"""Learned documents that tell how sure it may be."""
AT_ONCE = 16
MOST = 4_096
"""Words that are turned into rows at once, which take some kilobytes each; and those of the
sample, in which a longer document has no place."""
SAVE_SECONDS = 20.0


class Learning:
    """A learner with all that it learns from. Begins where its file says, else with nothing."""

    def __init__(self, db: Database, project: Project, origin: Origin) -> None:
        """Load the encoder, the model to begin with, and what was learned; raises ModelError."""
        self._db, self._project, self.origin = db, project, origin
        self.head = tasks.get(project.task).head()
        self._start = self._load()
        base = self._base()
        self.reader = Reader(self.head.task, kept.states(name_of(base)), base)
        # A project's number comes again in a database that was restored, its moment does not.
        born = projects.born(db, project.id)
        made_of = f"{name_of(base)} {origin.run} {origin.entry} {self.head.task.name} {born}"
        made_of += self.reader.foreknown
        self._made_of = hashlib.sha256(made_of.encode()).hexdigest()
        self.file = kept.learned(db, project.id)
        self._anew()
        found = saved.read(self.file, self.learner, self._made_of)
        self.standing, left = (found or Saved()).standing, (found or Saved()).left
        place = self.standing.entry, self.standing.document, self.standing.name
        self.seen = Moment(*place) if found else None
        """Up to where it has looked; None: at nothing."""
        self.left = dict.fromkeys(left)
        """The documents at which it is yet to look, though they were changed before that."""
        self._saved, self._saved_at = self.standing, time.monotonic()

    def _anew(self) -> None:
        paired = "second_text" in self.head.task.columns
        self.learner = Learner(self.head, self.reader.width(paired))

    def _load(self) -> Start | None:
        if not self.origin.run:
            return None
        folder = home.run_folder(runs.get_run(self._db, self.origin.run).folder)
        return start.load(folder, kept.states(folder.name))

    def _base(self) -> Path:
        """Return the encoder's folder: the base of the model to begin with, if it is here."""
        run = runs.get_run(self._db, self.origin.run) if self.origin.run else None
        wanted = bases.at_hand(run.settings.get("base", bases.BUNDLED)) if run else None
        return wanted or bases.fetch(bases.BUNDLED)

    @property
    def name(self) -> str:
        """What it learns with, in a few words."""
        beside = f", on from run {self.origin.run}" if self.origin.run else ""
        return f"ridge regression on {self.reader.base}{beside}"

    @property
    def names(self) -> Names:
        """The labels by their ids, as they were when it looked last."""
        return (self.seen or Moment()).names

    def changes(self) -> Changes:
        """Return what it has not looked at; it forgets all where a backup was restored."""
        found = work.changes(self._db, self._project.id, self.seen, self.origin.entry or 0)
        if found.anew:
            # What was learned since is none of this project's.
            self._anew()
            self.left.clear()
        if self.origin.run:
            # The model may know labels of which there is no example yet.
            self.learner.meet([*found.now.names])
        return found

    def note(self, changes: Changes) -> None:
        """Take note of what is to be learned: before what is left, since people wait for it."""
        self.left = dict.fromkeys((*changes.ids, *self.left))
        self.seen = changes.now

    def tick_off(self, portion: Portion) -> None:
        """Take note that some documents were learned, as they are by now."""
        for document in portion.documents:
            del self.left[document.id or 0]

    def portions(self, ids: Sequence[int]) -> Iterator[Portion]:
        """Yield documents, as many as can be turned into rows at once."""
        return work.portions(self._db, self._project.id, ids, AT_ONCE, MOST)

    def take(self, portion: Portion) -> list[Document]:
        """Learn what is finished, unlearn what no longer is; return these documents."""
        known = self.learner.learned
        wanted = [d for d in portion.documents if work.is_learned(d) or d.id in known]
        self.learner.meet(_met(portion))
        cases = self.cases(wanted, portion.names)
        self.learner.unlearn([case for case in cases if not work.is_learned(case.document)])
        finished = [case for case in cases if work.is_learned(case.document)]
        self.learner.learn(finished, portion.names)
        return wanted

    def draw(self, now: Moment, learned: int) -> None:
        """Draw the conclusions from what was learned, where there is something to tell of."""
        if not self.learner.columns:
            return
        sample = [
            case
            for portion in self.portions(self._sample())
            for case in self.cases(portion.documents, portion.names)
            if case.document.id in self.learner.learned
        ]
        self.learner.solve(sample)
        revision = self.standing.revision + bool(learned)
        self.standing = Standing(now.entry, now.document, now.name, revision)

    def _sample(self) -> list[int]:
        """Return the same documents, in whatever order they were learned."""
        found, room = [], MOST
        for id in sorted(self.learner.learned, key=_draw)[:SAMPLE]:
            units = len(self.learner.learned[id])
            if units <= room:
                found.append(id)
                room -= units
        return found

    def cases(self, documents: Sequence[Document], names: Names) -> list[Case]:
        """Turn documents into what the learner takes, at most a portion of them."""
        if not documents:
            return []
        before: Sequence[np.ndarray | None] = [None] * len(documents)
        if self._start:
            before = self._start.before(documents, self.learner, names)
        read = zip(documents, self.reader.rows(documents), before, strict=True)
        return [Case(*each) for each in read]

    def read(self, ids: Sequence[int]) -> int:
        """Let the encoder read some documents that it has not read; return how many."""
        for portion in self.portions(ids):
            if lacking := [d for d in portion.documents if self._lacks(d)]:
                self.cases(lacking, portion.names)
                return len(lacking)
        return 0

    def _lacks(self, document: Document) -> bool:
        return self.reader.lacks(document) or bool(self._start and self._start.lacks(document))

    def save(self, at_once: bool = False) -> None:
        """Keep what was learned, where it is new, some time has gone, and the project is there."""
        new = self.standing != self._saved
        if new and (at_once or time.monotonic() - self._saved_at > SAVE_SECONDS):
            try:
                projects.get_project(self._db, self._project.id)
            except NotFoundError:
                return
            told = Saved(self.standing, tuple(self.left))
            saved.write(self.file, self.learner, told, self._made_of)
            self._saved, self._saved_at = self.standing, time.monotonic()

    def close(self) -> None:
        """Keep what was learned."""
        self.save(at_once=True)
        self.reader.states.close()


def name_of(base: Path) -> str:
    """Return a name for a model's folder that another one has not, after its place."""
    weights = sorted(base.glob("*.safetensors"))
    told = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in weights]
    return hashlib.sha256(f"{base} {told}".encode()).hexdigest()[:24]


def _met(portion: Portion) -> list[int]:
    """Return the labels that finished documents have, in the order of their ids."""
    ids = {name: id for id, name in portion.names.items()}
    finished = (each for each in portion.documents if work.is_learned(each))
    return sorted({ids[s.label] for d in finished for s in d.spans if s.label in ids})


def _draw(id: int) -> bytes:
    return hashlib.blake2b(b"%d" % id, digest_size=8).digest()
