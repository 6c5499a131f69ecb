"""A whole project as one file, out and in: each in a process of its own, for models are large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.transfers.imports import Arrived
from engine.transfers.state import Link, Phase, State
from storage.archives import restoring, writing
from storage.corpus import documents
from storage.corpus.documents import Intake
from storage.database.connection import Database
from storage.errors import InputError, StorageError, WhetstoneError


@dataclass(frozen=True, slots=True)
class Archived:
    """What was written: bytes, and rows by table."""

    size: int
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Archive:
    """The order to write a project to a file with all that belongs to it."""

    project: int
    path: Path

    def carry_out(self, link: Link) -> Archived:
        """Write the file."""
        db = Database.open()
        try:
            rows = writing.write(
                *(db, self.project, self.path),
                lambda what: link.tell(State(Phase.WRITING, message=what)),
            )
            return Archived(self.path.stat().st_size, rows)
        except OSError as error:
            raise StorageError(
                f"The file cannot be written ({error.strerror}): make room on the volume of "
                "Whetstone's folder, then try again."
            ) from error
        finally:
            db.close()


@dataclass(frozen=True, slots=True)
class Unarchive:
    """The order to bring a project in from such a file, which people know by ``name``."""

    path: Path
    name: str

    def carry_out(self, link: Link) -> Arrived:
        """Bring it in, all or nothing."""
        db = Database.open()
        try:
            made = restoring.restore(
                *(db, self.path),
                progress=lambda what: link.tell(State(Phase.LOADING, message=what)),
            )
            return Arrived(documents.count_documents(db, made.id), Intake(made.id, 0))
        except WhetstoneError as error:
            # Where it lies here says nothing to anybody.
            raise InputError(str(error).replace(str(self.path), self.name)) from error
        finally:
            db.close()
