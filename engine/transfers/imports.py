"""An import in a process of its own: a dry run, then, once somebody says yes, the import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from engine.corpus import importing
from engine.corpus.import_plan import PREVIEWED, ImportPlan
from engine.corpus.importing import Advance
from engine.corpus.uploads import Upload
from engine.transfers import near, putting, undecided
from engine.transfers.putting import Onto
from engine.transfers.state import Link, Phase, State
from storage.actions.actions import Action
from storage.actions.onto import Outcome, Progress
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
    """What an import brought: how many documents, and where they are.

    Of labels that were put onto documents, ``action`` is the step that did so, if one was needed.
    """

    documents: int
    intake: Intake
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """Files to import; ``options`` are those of `importing.plan`, ``project`` has them already.

    With ``onto`` only their labels are wanted, for documents that are there. With ``near`` texts
    that are nearly the same are looked for, too.
    """

    uploads: tuple[Upload, ...]
    project: int | None
    options: Mapping[str, Any]
    onto: Onto | None = None
    near: bool = False

    def carry_out(self, link: Link) -> Arrived:
        """Read everything, say what would come in, and bring it in when that is wanted."""
        db = Database.open()
        try:
            plan = self._plan(db, link)
            try:
                return self._wanted(db, self._looked(db, plan, link), link)
            finally:
                plan.stage.close()
        finally:
            db.close()

    def _plan(self, db: Database, link: Link) -> ImportPlan:
        def tell(at: Advance) -> None:
            link.tell(State(Phase.READING, at.documents, 0, at.bytes, at.of))

        known = None
        if self.project is not None and self.onto is None:
            known = documents.known_texts(db, self.project)
        return importing.plan(self.uploads, known=known, progress=tell, **self.options)

    def _looked(self, db: Database, plan: ImportPlan, link: Link) -> ImportPlan:
        """Return the plan with what else is wanted of it."""
        if plan.refused:
            return plan
        if self.onto is None:
            plan = undecided.look(db, plan, self.project)
        if self.near:
            return near.look(db, plan, self.project, link)
        if self.onto is None:
            return plan
        return putting.look(db, plan, self.onto, _telling(link, Phase.READING, plan.documents))

    def _wanted(self, db: Database, plan: ImportPlan, link: Link) -> Arrived:
        """Import what was read once there is a target that takes it, else tell what is wrong."""
        message, many = "", plan.documents
        while True:
            link.tell(State(Phase.READ, many, many, message=message, result=outline(plan)))
            target: Target = link.wait()
            try:
                return self._bring_in(db, plan, target, _telling(link, Phase.LOADING, many))
            except WhetstoneError as error:
                message = str(error)

    def _bring_in(
        self, db: Database, plan: ImportPlan, target: Target, progress: Progress
    ) -> Arrived:
        if self.onto:
            outcome = putting.put(db, plan, self.onto, progress).outcome or Outcome()
            return Arrived(outcome.changed, Intake(self.onto.project, 0), outcome.action)
        intake = documents.bring_in(db, target, plan.stage, progress)
        # Here nobody waits for it; the first search would.
        folded.refresh(db, intake.project)
        return Arrived(plan.documents, intake)


def _telling(link: Link, phase: Phase, many: int) -> Progress:
    return lambda done: link.tell(State(phase, done, many))


def outline(plan: ImportPlan) -> ImportPlan:
    """Return a plan that can be sent: all but the documents themselves."""
    stage = plan.stage
    kept = Outline(
        *(stage.task, stage.documents, stage.overlaps, dict(stage.labels)),
        stage.preview(PREVIEWED),
    )
    return replace(plan, stage=cast(Stage, kept))
