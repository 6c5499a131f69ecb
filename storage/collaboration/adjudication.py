"""Decisions between several people's versions of a document.

A decision is an annotation, ``Merged.ADJUDICATED``'s: edited through the journal like any other,
where ``actor`` is who decided. A place is settled once each mark that anybody gave there either
stands or was rejected; the document, once that holds of all of them and its status is "done". So
a version that is edited afterwards brings its document back by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.collaboration import differences
from storage.collaboration.differences import Difference
from storage.collaboration.rules import imported
from storage.collaboration.rules.majority import majority
from storage.corpus import labels, projects, reading
from storage.corpus.documents import required_document
from storage.database.connection import Database
from storage.engines.schema import AnnotationRow
from storage.errors import InputError
from storage.journal import annotations, loading, reach, steps
from storage.journal.annotations import Annotation, Outcome
from storage.journal.loading import Loaded
from storage.journal.recording import Draft
from storage.journal.state import State
from storage.journal.steps import Owner
from storage.permissions import Ability, needs
from storage.types import Merged, Span, Status

DECIDES = str(Merged.ADJUDICATED)


@dataclass(frozen=True, slots=True)
class Version:
    """What one person who has finished a document says of it."""

    annotator: str
    spans: tuple[Span, ...]
    revision: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Adjudication:
    """A document before a decision, or after it: ``decision`` is the majority where none is yet."""

    decision: Annotation
    versions: tuple[Version, ...]
    differences: tuple[Difference, ...]


@needs(Ability.REVIEW)
def open_document(db: Database, project_id: int, document_id: int) -> Adjudication:
    """Return who says what of a document, and the decision as it stands; raises NotFoundError.

    Raises InputError where the document is another project's.
    """
    project = projects.get_project(db, project_id)
    with db.read() as session:
        row = required_document(session, document_id)
        if row.project_id != project_id:
            raise InputError("The document is another project's: choose one of this project.")
        versions = _versions(session, project_id, document_id)
        state = _loaded(session, document_id, versions).state
        names = labels.names(session, project_id)
        stacks = steps.stacks(session, Owner(project_id, DECIDES), document_id, names)
        document = next(reading.documents(session, [row]))
    shown = replace(document, spans=tuple(sorted(state.spans.values())), status=state.status)
    found = differences.find([each.spans for each in versions], project.allow_overlaps)
    return Adjudication(Annotation(shown, DECIDES, state, stacks), versions, tuple(found))


@needs(Ability.REVIEW)
def decide(
    db: Database,
    project_id: int,
    document_id: int,
    actor: str,
    client: str,
    batch: Sequence[Mapping[str, Any]],
    lean: bool = False,
) -> Outcome:
    """Apply a reviewer's edits to the decision on a document: ``annotations.apply_operations``.

    The first edit is made on the majority of the versions as they are then, and is in conflict
    where that is another one than the reviewer saw.
    """
    batch = annotations.in_order(batch, client)
    with db.write() as session:
        needed = reach.of(batch) if lean else None
        draft = Draft.open(session, project_id, document_id, DECIDES, needed)
        if draft.loaded.annotation is None:
            draft.loaded = _begun(_versions(session, project_id, document_id))
            draft.state = draft.loaded.state
        draft.actor = actor
        # Half a decision is nobody's gold.
        said = {operation.get("status") for operation in batch}
        draft.claims = Status.DONE in {draft.state.status, *said}
        return annotations.apply_batch(session, draft, client, batch, lean)


def _versions(session: Session, project_id: int, document_id: int) -> tuple[Version, ...]:
    """Return everybody's, by name; what was imported first where it is one."""
    known = imported.names(session, project_id)
    came = imported.condition(known).label("came")
    columns = AnnotationRow.id, imported.whose(known), AnnotationRow.revision, AnnotationRow.comment
    query = select(*columns).where(
        AnnotationRow.document_id == document_id,
        AnnotationRow.status == Status.DONE,
        AnnotationRow.annotator.not_in(list(Merged)),
    )
    if not imported.is_version(session, project_id):
        query = query.where(~imported.condition(known))
    rows = session.execute(query.order_by(came.desc(), AnnotationRow.annotator)).all()
    found = reading.spans(session, [row[0] for row in rows])
    return tuple(
        Version(name, tuple(found.get(id, ())), revision, comment)
        for id, name, revision, comment in rows
    )


def _loaded(session: Session, document_id: int, versions: Sequence[Version]) -> Loaded:
    loaded = loading.load(session, document_id, DECIDES)
    return loaded if loaded.annotation is not None else _begun(versions)


def _begun(versions: Sequence[Version]) -> Loaded:
    """Return what a decision begins with: the majority, which no annotation holds yet.

    Its revision counts all edits of the versions, so that it is another one after each.
    """
    won = sorted(majority([version.spans for version in versions]))
    spans = {f"m{n}": replace(span, id=f"m{n}") for n, span in enumerate(won, 1)}
    revision = sum(version.revision + 1 for version in versions)
    return Loaded(State(revision=revision, spans=spans), None, False)
