"""One annotator's work on one document: opened, and edited by operations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.corpus import labels, moment, reading, validation
from storage.corpus.documents import required_document
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import (
    AnnotationRow,
    ConfirmationRow,
    DocumentRow,
    JournalRow,
    LabelRow,
    ProjectRow,
    RejectionRow,
)
from storage.errors import ConflictError, RefusedError
from storage.journal import editing, loading, reach, recording, steps, wire
from storage.journal.recording import Draft
from storage.journal.stacks import Stacks
from storage.journal.state import State
from storage.journal.steps import Owner
from storage.knowledge.versions.said import FIRST
from storage.types import Document, Span, Split, Status

SAVED, DUPLICATE, REFUSED, CONFLICT = "saved", "duplicate", "refused", "conflict"


@dataclass(frozen=True, slots=True)
class Annotation:
    """A document as one annotator sees it, and the steps that can be undone and redone."""

    document: Document
    annotator: str
    work: State
    stacks: Stacks
    is_behind: bool = False
    """Whether it was made under an older version of the guideline than is in force."""

    @property
    def status(self) -> Status:
        return self.work.status

    @property
    def revision(self) -> int:
        return self.work.revision

    @property
    def spans(self) -> tuple[Span, ...]:
        return self.document.spans

    @property
    def state(self) -> dict[str, Any]:
        """Return the JSON object that the tagger works on."""
        return wire.state(self.work, self.stacks)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch: a result per operation looked at, and where the document stands.

    ``state`` is None where the client asked for no more than it needs. ``entry`` is the newest
    entry of the journal that the batch made, 0 where it made none.
    """

    results: tuple[Mapping[str, Any], ...]
    revision: int
    state: Mapping[str, Any] | None
    elsewhere: Mapping[str, Any]
    entry: int = 0


def open_annotation(db: Database, document_id: int, annotator: str) -> Annotation:
    """Return an annotator's work on a document; raises NotFoundError.

    Who has none yet is shown the newest work of anybody; a copy becomes theirs with the
    first edit.
    """
    annotator = validation.name(annotator, "annotator")
    with db.read() as session:
        row = required_document(session, document_id)
        return _opened(session, [row], Owner(row.project_id, annotator))[0]


def open_annotations(
    db: Database, project_id: int, ids: Iterable[int], annotator: str
) -> list[Annotation]:
    """Return an annotator's work on some documents of a project, in import order.

    What the project has not is left out.
    """
    owner = Owner(project_id, validation.name(annotator, "annotator"))
    found: list[Annotation] = []
    with db.read() as session:
        for chunk in chunks(ids):
            query = select(DocumentRow).where(
                DocumentRow.id.in_(chunk), DocumentRow.project_id == project_id
            )
            found += _opened(session, session.scalars(query.order_by(DocumentRow.id)).all(), owner)
    return found


def _opened(session: Session, rows: Sequence[DocumentRow], owner: Owner) -> list[Annotation]:
    if not rows:
        return []
    loaded = loading.load_many(session, [(row.id, owner.annotator) for row in rows])
    names = labels.names(session, owner.project)
    version = session.get_one(ProjectRow, owner.project).guideline_version
    opened = []
    for document in reading.documents(session, rows):
        assert document.id is not None, "what was read has its id"
        mine = loaded[document.id, owner.annotator]
        work, is_behind = mine.state, mine.is_known and (mine.guideline or FIRST) < version
        stacks = steps.stacks(session, owner, document.id, names)
        spans = tuple(sorted(work.spans.values()))
        shown = replace(document, spans=spans, status=work.status)
        opened.append(Annotation(shown, owner.annotator, work, stacks, is_behind))
    return opened


def apply_operations(
    db: Database,
    project_id: int,
    document_id: int,
    annotator: str,
    client: str,
    batch: Sequence[Mapping[str, Any]],
    lean: bool = False,
) -> Outcome:
    """Apply one client's edits of one document, in the order of their ``seq``, and record them.

    An edit that was applied before is answered as then, so that a client may repeat what
    it got no answer to. The first conflict or refusal ends the batch; what came before it
    stays. A ``lean`` answer to a batch that was saved whole, and for the first time, leaves
    out the state: the client knows it. Raises NotFoundError where the project has no such
    document, RefusedError where an operation has no number of its own.
    """
    batch = in_order(batch, client)
    with db.write() as session:
        needed = reach.of(batch) if lean else None
        draft = Draft.open(session, project_id, document_id, annotator, needed)
        return apply_batch(session, draft, client, batch, lean)


def in_order(batch: Sequence[Mapping[str, Any]], client: str) -> list[Mapping[str, Any]]:
    """Return one client's edits in the order of their numbers; raises RefusedError, InputError."""
    ordered = sorted(batch, key=_number)
    if len({operation["seq"] for operation in ordered}) < len(ordered):
        raise RefusedError("Two edits have one number: reload the page.")
    validation.short(client, "client")
    return ordered


def apply_batch(
    session: Session, draft: Draft, client: str, batch: Sequence[Mapping[str, Any]], lean: bool
) -> Outcome:
    """Apply edits that are in order to a draft, and record them; as ``apply_operations``."""
    known = draft.recorded(session, client, [operation["seq"] for operation in batch])
    results = []
    for operation in batch:
        results.append(_result(draft, client, operation, known.get(operation["seq"])))
        if results[-1]["status"] in (REFUSED, CONFLICT):
            break
    journal_ids = recording.store(session, [draft])
    places = recording.record_steps(session, draft, journal_ids)
    lean = lean and all(result["status"] == SAVED for result in results)
    stacks = draft.stacks(session, whole=not lean)
    state = None if lean else draft.whole(session)
    for result in results:
        if result["seq"] in places:
            result["n"] = places[result["seq"]]
    sent = wire.state(state, stacks) if state else None
    entry = max(journal_ids, default=0)
    return Outcome(tuple(results), draft.state.revision, sent, wire.elsewhere(stacks), entry)


def current(
    db: Database,
    project_id: int,
    split: Split | None = None,
    statuses: Collection[Status] | None = None,
) -> Iterator[Document]:
    """Yield a project's documents as they stand at this moment, in import order.

    Each has its newest annotation's spans; ``statuses`` keeps only those of these.
    """
    with moment.at(db, project_id) as now:
        yield from now.documents(split, statuses)


def stamp(db: Database, project_id: int) -> tuple[int, int, int]:
    """Return what is another one after each edit, and when documents come or go."""
    newest = select(func.coalesce(func.max(JournalRow.id), 0)).where(
        JournalRow.project_id == project_id
    )
    # Each by an index of its own: counting a million would take a while.
    own = DocumentRow.project_id == project_id
    position, last = (
        select(func.coalesce(func.max(column), 0)).where(own)
        for column in (DocumentRow.position, DocumentRow.id)
    )
    with db.read() as session:
        found = (session.scalar(query) or 0 for query in (newest, position, last))
        return tuple(found)  # type: ignore[return-value]


def judged(db: Database, project_id: int) -> set[tuple[int, int, int, str]]:
    """Return what people have found right, as (document, start, end, label).

    The marks that they confirmed, and the suggestions that they turned down where nothing should
    be; of the newest annotations.
    """
    found: set[tuple[int, int, int, str]] = set()
    with db.read() as session:
        for table in (ConfirmationRow, RejectionRow):
            query = (
                select(AnnotationRow.document_id, table.start, table.end, LabelRow.name)
                .join(AnnotationRow, AnnotationRow.id == table.annotation_id)
                .join(LabelRow, LabelRow.id == table.label_id)
                .where(AnnotationRow.is_current, LabelRow.project_id == project_id)
            )
            found.update((id, start, end, name) for id, start, end, name in session.execute(query))
    return found


def edited(db: Database, project_id: int, after: int) -> list[int]:
    """Return the ids of the documents that were edited after an entry of the journal."""
    found = select(JournalRow.document_id).where(
        JournalRow.project_id == project_id, JournalRow.id > after
    )
    with db.read() as session:
        return list(session.scalars(found.distinct().order_by(JournalRow.document_id)))


def of_documents(db: Database, ids: Iterable[int]) -> list[Document]:
    """Return documents as they stand at this moment, in import order."""
    found: list[Document] = []
    with db.read() as session:
        for chunk in chunks(ids):
            query = select(DocumentRow).where(DocumentRow.id.in_(chunk)).order_by(DocumentRow.id)
            found += reading.documents(session, session.scalars(query).all())
    return found


def _result(
    draft: Draft, client: str, operation: Mapping[str, Any], known: recording.Recorded | None
) -> dict[str, Any]:
    seq = operation["seq"]
    status, reason = SAVED, ""
    try:
        fields = editing.clean(operation)
        if known:
            draft.check_same(fields, known)
            return {"seq": seq, "status": DUPLICATE, "revision": known.revision, "reason": ""}
        draft.apply(client, fields)
    except ConflictError as error:
        status, reason = CONFLICT, str(error)
    except RefusedError as error:
        status, reason = REFUSED, str(error)
    return {"seq": seq, "status": status, "revision": draft.state.revision, "reason": reason}


def _number(operation: Mapping[str, Any]) -> int:
    seq = operation.get("seq") if isinstance(operation, Mapping) else None
    if not isinstance(seq, int) or isinstance(seq, bool) or not 1 <= seq < 2**31:
        raise RefusedError("An edit has no number: reload the page.")
    return seq
