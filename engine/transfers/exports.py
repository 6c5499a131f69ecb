"""An export: documents as they are at one moment, written to a file, read back and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.corpus import exporting
from engine.corpus.verifying import Verification
from engine.transfers.state import Link, Phase, State
from storage.corpus import moment
from storage.corpus.moment import Moment
from storage.database.connection import Database
from storage.errors import StorageError
from storage.types import Document, Problem, Split, Status

KIND = "export"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents of a project: of a split, with a status, or those of these ids."""

    project: int
    split: Split | None = None
    statuses: tuple[Status, ...] = tuple(Status)
    ids: Sequence[int] | None = None

    def read(self, now: Moment, tokens: bool) -> Iterator[Document]:
        """Yield them in import order."""
        if self.ids is None:
            return now.answered(self.split, self.statuses, tokens=tokens)
        found = now.picked(self.ids)
        split, statuses = self.split, self.statuses
        return (d for d in found if d.status in statuses and split in (None, d.split))


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, what the format could not hold, and what came back of it."""

    size: int
    problems: tuple[Problem, ...]
    verification: Verification


@dataclass(frozen=True, slots=True)
class Export:
    """Documents to write to a file in a format; the rest is as for `exporting.export`."""

    wanted: Wanted
    format: str
    task: str
    path: Path
    options: Mapping[str, Any]

    def carry_out(self, link: Link) -> Exported:
        """Write the file and read it back."""
        db = Database.open()
        try:
            return self.write(db, link)
        finally:
            db.close()

    def write(self, db: Database, link: Link) -> Exported:
        """Do so by a database that is open."""
        with moment.at(db, self.wanted.project) as now:
            of = now.count(self.wanted.split, self.wanted.statuses)
            if self.wanted.ids is not None:
                of = min(of, len(self.wanted.ids))

            def read(*, tokens: bool, checking: bool) -> Iterator[Document]:
                state = State(Phase.CHECKING if checking else Phase.WRITING, 0, of)
                return self._told(now, link, state, tokens)

            exported, found = exporting.carry_out(
                read, self._put, self.path, self.format, self.options, self.task
            )
        return Exported(self.path.stat().st_size, exported.problems, found)

    def _put(self, chunks: Iterator[bytes]) -> None:
        try:
            with self.path.open("wb") as file:
                file.writelines(chunks)
        except OSError as error:
            raise StorageError(
                f"The file cannot be written ({error.strerror}): make room on the volume of "
                "Whetstone's folder, then export again."
            ) from error

    def _told(self, now: Moment, link: Link, state: State, tokens: bool) -> Iterator[Document]:
        link.tell(state)
        return exporting.told(
            self.wanted.read(now, tokens), lambda done: link.tell(replace(state, documents=done))
        )
