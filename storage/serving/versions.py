"""Versions: the runs whose models a project made its candidate or live, when, by whom and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.corpus.projects import required
from storage.corpus.validation import text as valid_text
from storage.database import settings
from storage.database.connection import Database
from storage.engines import promoted
from storage.engines.clock import now
from storage.engines.schema import PromotionRow, RunRow
from storage.errors import RefusedError
from storage.permissions import Ability, needs
from storage.runs.runs import required_run
from storage.types import RunState, Stage

PROMOTE, ROLLBACK = "promote", promoted.ROLLBACK
FORMER = "former"


@dataclass(frozen=True, slots=True)
class Promotion:
    """A moment of a project's history: a run became its candidate or live, or became so again."""

    id: int
    project_id: int
    run_id: int | None
    """None where an archive brought the history without the run."""
    run_number: int | None
    stage: str
    kind: str
    """``PROMOTE`` or ``ROLLBACK``."""
    digest: str
    """SHA-256 of the model's manifest at that moment."""
    note: str
    by: str
    at: str

    @property
    def title(self) -> str:
        """What people call the run."""
        return f"Run {self.run_number}" if self.run_number else f"Run {self.run_id}"


@dataclass(frozen=True, slots=True)
class Version(Promotion):
    """A run as its newest promotion left it; ``stage`` may also be ``FORMER``."""


@needs(Ability.SERVE)
def promote(db: Database, run_id: int, stage: str, digest: str, note: str = "") -> Version:
    """Make a run's model its project's candidate, or live, and return it as a version.

    ``digest`` is the hash of the manifest that was verified. Raises InputError, NotFoundError,
    RefusedError where the run is not done, or is that already.
    """
    author, stage = settings.annotator(db), Stage(stage)
    with db.write() as session:
        required(session, required_run(session, run_id).project_id, turn=True)
        run = required_run(session, run_id, lock=True)
        if run.state != RunState.DONE:
            raise RefusedError(
                f"{_title(run)} is {run.state}: only a finished run can be promoted."
            )
        known = {each.stage: each for each in _versions(session, run.project_id)}
        if stage in known and known[stage].run_id == run_id:
            raise RefusedError(f"{_title(run)} is {worded(stage)} already.")
        return _add(session, run, stage, PROMOTE, digest, note, author)


@needs(Ability.SERVE)
def rollback(db: Database, project_id: int, note: str = "") -> Version:
    """Make the version live that was before the one that is, and return it.

    Versions whose runs were deleted are passed over. Raises InputError, NotFoundError,
    RefusedError where there is nothing to go back to.
    """
    author = settings.annotator(db)
    with db.write() as session:
        required(session, project_id, turn=True)
        before = _before(session, project_id)
        if before is None:
            raise RefusedError("No other version was live before: promote another run instead.")
        run = required_run(session, before.run_id or 0, lock=True)
        return _add(session, run, Stage.LIVE, ROLLBACK, before.digest, note, author)


def before(db: Database, project_id: int) -> Version | None:
    """Return the version that a rollback would make live again; None where there is none."""
    with db.read() as session:
        row = _before(session, project_id)
        return _version(row, FORMER) if row else None


def live(db: Database, project_id: int) -> Version | None:
    """Return the live version; None where none is."""
    return _one(db, project_id, Stage.LIVE)


def candidate(db: Database, project_id: int) -> Version | None:
    """Return the candidate; None where there is none."""
    return _one(db, project_id, Stage.CANDIDATE)


def stages(db: Database, project_id: int) -> dict[int, Stage]:
    """Return which of a project's runs are its candidate and live, by their ids."""
    found = list_versions(db, project_id)
    return {
        each.run_id: Stage(each.stage) for each in found if each.run_id and each.stage != FORMER
    }


def list_versions(db: Database, project_id: int) -> list[Version]:
    """Return each run that was ever promoted, once, the newest promotion first."""
    with db.read() as session:
        return _versions(session, project_id)


def history(db: Database, project_id: int) -> list[Promotion]:
    """Return all that was ever promoted or taken back, the newest first."""
    with db.read() as session:
        return [_promotion(row) for row in promoted.rows(session, project_id)[::-1]]


def _one(db: Database, project_id: int, stage: Stage) -> Version | None:
    return next((each for each in list_versions(db, project_id) if each.stage == stage), None)


def _versions(session: Session, project_id: int) -> list[Version]:
    rows = promoted.rows(session, project_id)
    present = _present(session, rows)
    stages = {id: stage for id, stage in _stages(rows).items() if id in present}
    newest = {row.run_id or -(row.run_number or 0): row for row in rows}
    found = sorted(newest.values(), key=lambda row: -row.id)
    return [_version(row, stages.get(row.id, FORMER)) for row in found]


def _stages(rows: Sequence[PromotionRow]) -> dict[int, str]:
    """Return which promotions count now, by their ids.

    Who was made candidate stays so until another one is, or until it goes live.
    """
    found: dict[int, str] = {}
    if stack := promoted.lives(rows):
        found[stack[-1].id] = Stage.LIVE
    wished = [row for row in rows if row.stage == Stage.CANDIDATE]
    if wished and not any(r.id > wished[-1].id and r.run_id == wished[-1].run_id for r in rows):
        found[wished[-1].id] = Stage.CANDIDATE
    return found


def _before(session: Session, project_id: int) -> PromotionRow | None:
    stack = promoted.lives(promoted.rows(session, project_id))
    present = _present(session, stack)
    others = [row for row in stack if row.run_id != stack[-1].run_id and row.id in present]
    return others[-1] if others else None


def _present(session: Session, rows: Sequence[PromotionRow]) -> set[int]:
    """Return those promotions, by their ids, whose run is still there."""
    ids = {row.run_id for row in rows if row.run_id}
    runs = set(session.scalars(select(RunRow.id).where(RunRow.id.in_(ids))))
    return {row.id for row in rows if row.run_id in runs}


def _add(
    session: Session, run: RunRow, stage: Stage, kind: str, digest: str, note: str, author: str
) -> Version:
    row = PromotionRow(
        project_id=run.project_id,
        run_id=run.id,
        run_number=run.number,
        stage=stage,
        kind=kind,
        digest=digest,
        note=valid_text(note.strip(), "The note"),
        created_by=author,
        created_at=now(),
    )
    session.add(row)
    session.flush()
    return _version(row, stage)


def _promotion(row: PromotionRow) -> Promotion:
    return Promotion(*_fields(row, row.stage))


def _version(row: PromotionRow, stage: str) -> Version:
    return Version(*_fields(row, stage))


def _fields(row: PromotionRow, stage: str) -> tuple:
    own = row.id, row.project_id, row.run_id, row.run_number, stage, row.kind
    return (*own, row.digest, row.note, row.created_by, row.created_at)


def _title(run: RunRow) -> str:
    return f"Run {run.number or run.id}"


def worded(stage: Stage) -> str:
    """Say what a run of this stage is: "the candidate", "live"."""
    return "the candidate" if stage is Stage.CANDIDATE else "live"
