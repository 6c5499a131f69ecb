"""Set a part of train aside for dev and test: told beforehand, one step that can be taken back."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.actions import actions, project_changes
from storage.actions.actions import Action
from storage.corpus import splits, validation
from storage.corpus.dev_split import train_groups
from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import AnnotationRow, DocumentRow
from storage.errors import RefusedError
from storage.journal.steps import Owner
from storage.permissions import Ability, needs
from storage.types import Split, Status

KIND = "split"
# Two for what is set aside, and one to learn from.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Part:
    """Documents of train that would be set aside, by split.

    ``together`` says that sources stay whole; where train is a single source, sentences of it
    are drawn instead.
    """

    dev: tuple[int, ...]
    test: tuple[int, ...]
    together: bool = True

    @property
    def title(self) -> str:
        """Say how many would go where: "24 documents for dev and 24 for test"."""
        counts = [(len(self.dev), "dev"), (len(self.test), "test")]
        parts = [f"{count:,} for {name}" for count, name in counts if count]
        noun = "document" if (len(self.dev) or len(self.test)) == 1 else "documents"
        return " and ".join(parts).replace(" for", f" {noun} for", 1)


def plan(db: Database, project_id: int, share: float = 0.1, seed: int = 13) -> Part:
    """Choose what to set aside for each of dev and test that has no document that is done.

    Documents of one source (``Document.group``), or of equal text, stay together. The same seed
    and documents give the same choice. Raises NotFoundError, and RefusedError where both have
    some already, or where train has too few.
    """
    with db.read() as session:
        required(session, project_id)
        return _plan(session, project_id, share, seed)


@needs(Ability.MANAGE)
def set_aside(
    db: Database, project_id: int, annotator: str, share: float = 0.1, seed: int = 13
) -> Action:
    """Set aside what ``plan`` chooses, as a step of this annotator; raises as ``plan``."""
    annotator = validation.name(annotator, "annotator")
    with db.write() as session:
        required(session, project_id, turn=True)
        part = _plan(session, project_id, share, seed)
        detail = {"splits": _moves(session, part)}
        project_changes.loosen(session, project_id, detail)
        owner = Owner(project_id, annotator)
        return actions.perform(session, owner, KIND, f"{part.title} set aside", (), detail=detail)


def newest(db: Database, project_id: int) -> Action | None:
    """Return what was set aside last and not taken back; raises NotFoundError."""
    known = actions.list_actions(db, project_id)
    made = (action for action in known if action.kind == KIND and action.reverses is None)
    return next((action for action in made if action.reversed_by is None), None)


def _plan(session: Session, project_id: int, share: float, seed: int) -> Part:
    there = _with_work(session, project_id)
    wanted = [split for split in (Split.TEST, Split.DEV) if split not in there]
    if not wanted:
        raise RefusedError("Dev and test both have documents that are done: nothing is missing.")
    groups = train_groups(session, project_id)[True]
    together = len(groups) > len(wanted)
    if not together:
        groups = train_groups(session, project_id, sources=False)[True]
    if len(groups) <= len(wanted):
        raise RefusedError(
            f"At least {FEWEST} different documents of train must be done before a part of them "
            "can be set aside: tag some more on the Tag page."
        )
    chosen: dict[Split, tuple[int, ...]] = {Split.DEV: (), Split.TEST: ()}
    whole = sum(map(len, groups))
    for split in wanted:
        # A share of all, also for the part that is drawn from what the first one left.
        of_rest = share * whole / sum(map(len, groups))
        chosen[split] = tuple(splits.choose(groups, of_rest, seed))
        groups = groups.without(chosen[split])
    return Part(chosen[Split.DEV], chosen[Split.TEST], together)


def _with_work(session: Session, project_id: int) -> set[str | None]:
    """Return the splits that have a document that is done."""
    query = (
        select(DocumentRow.split)
        .join(AnnotationRow, AnnotationRow.document_id == DocumentRow.id)
        .where(DocumentRow.project_id == project_id)
        .where(AnnotationRow.is_current, AnnotationRow.status == Status.DONE)
    )
    return set(session.scalars(query.distinct()))


def _moves(session: Session, part: Part) -> list[list]:
    """Return ``[before, after, ids]`` for every way in which documents go."""
    found: list[list] = []
    for split, ids in ((Split.DEV, part.dev), (Split.TEST, part.test)):
        before: dict[str | None, list[int]] = {}
        for chunk in chunks(ids):
            query = select(DocumentRow.id, DocumentRow.split).where(DocumentRow.id.in_(chunk))
            for id, known in session.execute(query.order_by(DocumentRow.id)):
                before.setdefault(known, []).append(id)
        found += [[known, str(split), moved] for known, moved in before.items()]
    return found
