"""An import in a process of its own: a dry run, then, once somebody says yes, the import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from engine.corpus import importing
from engine.corpus.import_plan import PREVIEWED, ImportPlan
from engine.corpus.importing import Advance
from engine.corpus.uploads import Upload
from engine.transfers.state import Link, Phase, State
from storage.corpus import documents
from storage.corpus.documents import Intake, Target
from storage.corpus.staging import Stage
from storage.database.connection import Database
from storage.errors import WhetstoneError
from storage.texts import folded
from storage.types import Document

KIND = "import"


@dataclass(frozen=True, slots=True)
class Outline:
    """What a page shows of a stage, whose documents are in another process."""

    task: str
    documents: int
    overlaps: bool
    labels: dict[str, int]
    first: tuple[Document, ...]

    def preview(self, most: int) -> tuple[Document, ...]:
        """Return the first documents, as the stage does."""
        return self.first[:most]

    def close(self) -> None:
        """Forget nothing: the stage is closed by the process that has it."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What an import brought: how many documents, and where they are."""

    documents: int
    intake: Intake


@dataclass(frozen=True, slots=True)
class Import:
    """Files to import; ``options`` are those of `importing.plan`, ``project`` has them already."""

    uploads: tuple[Upload, ...]
    project: int | None
    options: Mapping[str, Any]

    def carry_out(self, link: Link) -> Arrived:
        """Read everything, say what would come in, and bring it in when that is wanted."""
        db = Database.open()
        try:
            plan = self._plan(db, link)
            try:
                return _bring_in(db, plan, link)
            finally:
                plan.stage.close()
        finally:
            db.close()

    def _plan(self, db: Database, link: Link) -> ImportPlan:
        def tell(at: Advance) -> None:
            link.tell(State(Phase.READING, at.documents, 0, at.bytes, at.of))

        known = None if self.project is None else documents.known_texts(db, self.project)
        return importing.plan(self.uploads, known=known, progress=tell, **self.options)


def _bring_in(db: Database, plan: ImportPlan, link: Link) -> Arrived:
    """Import what was read once there is a target that takes it; what is wrong with one is told."""
    message, many = "", plan.documents
    while True:
        link.tell(State(Phase.READ, many, many, message=message, result=outline(plan)))
        target: Target = link.wait()
        try:
            intake = documents.bring_in(
                *(db, target, plan.stage),
                lambda done: link.tell(State(Phase.LOADING, done, many)),
            )
            # Here nobody waits for it; the first search would.
            folded.refresh(db, intake.project)
            return Arrived(many, intake)
        except WhetstoneError as error:
            message = str(error)


def outline(plan: ImportPlan) -> ImportPlan:
    """Return a plan that can be sent: all but the documents themselves."""
    stage = plan.stage
    kept = Outline(
        *(stage.task, stage.documents, stage.overlaps, dict(stage.labels)),
        stage.preview(PREVIEWED),
    )
    return replace(plan, stage=cast(Stage, kept))
