"""What the newest model would label, and how sure it is: kept until a model is asked again."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, groupby, repeat
from typing import Any

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.orm import Session

from storage.corpus.documents import required_document
from storage.corpus.projects import mark_looked
from storage.database.connection import Database
from storage.engines import makers
from storage.engines.queries import CHUNK, Following, chunks
from storage.engines.schema import (
    AnnotationRow,
    DocumentRow,
    DocumentScoreRow,
    RunRow,
    SuggestionRow,
)
from storage.runs.runs import required_run
from storage.types import DocumentScore, RunKind, Source, Span, Status

# Seconds between two chunks: who waits for a turn to write looks as often as that.
BREATH = 0.02


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The spans that a run's model would give a document, in the order of the text.

    ``guesses`` are labels that it holds for less likely, the likeliest first; of marks that
    have a place, the label that words outside of ``spans`` would have if any. ``kind`` is the
    run's; ``revision`` counts how often a model that goes on learning had learned before. ``by``
    are the runs that the spans are of, where these are several; everything else is of ``run``.
    """

    run: int
    spans: tuple[Span, ...]
    guesses: tuple[Span, ...] = ()
    kind: str = RunKind.TRAINING
    revision: int | None = None
    by: tuple[int, ...] = ()

    @property
    def makers(self) -> dict[int, list[Span]]:
        """The spans of each run, of the one that everything else is of even if there are none."""
        found: dict[int, list[Span]] = {self.run: []}
        for span, run in zip(self.spans, self.by or repeat(self.run), strict=False):
            found.setdefault(run, []).append(span)
        return found


def store(
    db: Database,
    run_id: int,
    spans: Iterable[tuple[int, Span]],
    scores: Iterable[DocumentScore],
    guesses: Iterable[tuple[int, Span]] = (),
) -> None:
    """Store what the model of a training run found, in place of all that its project had.

    Spans and guesses come in the order of the documents' scores, and a document's guesses in
    theirs; ValueError where they do not.

    Some documents at a time, each of them whole, so that nobody who saves an edit waits for a
    large project; repeated, it ends as if it had been done once. Documents that are gone by
    now are passed over. Raises NotFoundError.
    """
    found, others = Following(spans), Following(guesses)
    with db.read() as session:
        project = required_run(session, run_id).project_id
    for chunk in chunks(scores):
        ids = {score.document for score in chunk}
        said, more = found.of(ids), others.of(ids)
        with db.write() as session:
            _replace(session, run_id, _existing(session, project, chunk), said, more)
        time.sleep(BREATH)
    if found.left() or others.left():
        raise ValueError("suggestions do not come in the order of the scores")
    _forget_others(db, project, run_id)
    # Once, at the end: whoever keeps what follows from suggestions reads them all again.
    with db.write() as session:
        mark_looked(session, project)


@dataclass(frozen=True, slots=True)
class Said:
    """What a model says of one document: its score, what it would label, its next guesses.

    ``by`` are the runs in whose names the spans are suggested; () where it is one and the same.
    """

    score: DocumentScore
    spans: tuple[Span, ...] = ()
    guesses: tuple[Span, ...] = ()
    by: tuple[int, ...] = ()


def put(
    db: Database,
    run_id: int,
    said: Sequence[Said],
    revision: int | None = None,
    instead_of: Collection[str] | None = None,
) -> list[int]:
    """Store what a run's model says of some documents, in place of what was said of these.

    What was said of others stays. ``instead_of`` are the kinds of run that give way to it, and
    others keep their word; None means all. Documents that are finished, or gone, are passed
    over: what a person compares with their work is not exchanged. Returns the documents of which
    it was stored; raises NotFoundError.
    """
    stored: list[int] = []
    for chunk in chunks(said):
        with db.write(durable=False) as session:
            project = required_run(session, run_id).project_id
            free = _free(session, project, [each.score.document for each in chunk], instead_of)
            taken = [each for each in chunk if each.score.document in free]
            _replace(
                session,
                run_id,
                [each.score for each in taken],
                {each.score.document: each.spans for each in taken},
                {each.score.document: each.guesses for each in taken},
                revision,
                {each.score.document: each.by for each in taken},
            )
        stored += [each.score.document for each in taken]
        if len(chunk) == CHUNK:
            time.sleep(BREATH)
    return stored


def take_back(
    db: Database, project_id: int, ids: Iterable[int], instead_of: Collection[str]
) -> None:
    """Let documents to do be as if nobody had looked at them, but for those who keep their word.

    ``instead_of`` as in ``put``.
    """
    for chunk in chunks(ids):
        with db.write(durable=False) as session:
            free = _free(session, project_id, list(chunk), instead_of)
            for table in (SuggestionRow, DocumentScoreRow):
                session.execute(delete(table).where(table.document_id.in_(free)))


def _free(
    session: Session, project_id: int, ids: list[int], instead_of: Collection[str] | None
) -> set[int]:
    """Return which of these documents are the project's, to do, and of nobody who keeps them."""
    query = to_do(project_id, instead_of).where(DocumentRow.id.in_(ids))
    return set(session.scalars(query))


def to_do(project_id: int, instead_of: Collection[str] | None) -> Select:
    """Select the documents of a project that are to do and of nobody who keeps them.

    By id, and beside it the document's again where a model looked at it. ``instead_of`` as in
    ``put``.
    """
    current = (AnnotationRow.document_id == DocumentRow.id) & AnnotationRow.is_current
    finished = AnnotationRow.status.in_((Status.DONE, Status.SKIPPED))
    query = (
        select(DocumentRow.id, DocumentScoreRow.document_id)
        .outerjoin(AnnotationRow, current)
        .outerjoin(DocumentScoreRow, DocumentScoreRow.document_id == DocumentRow.id)
        .outerjoin(RunRow, RunRow.id == DocumentScoreRow.run_id)
        .where(DocumentRow.project_id == project_id)
        .where(AnnotationRow.id.is_(None) | ~finished)
    )
    if instead_of is None:
        return query
    return query.where(RunRow.id.is_(None) | RunRow.kind.in_(list(instead_of)))


def of_document(db: Database, document_id: int) -> Suggestions | None:
    """Return a document's suggestions; None where no model has looked at it.

    Raises NotFoundError.
    """
    with db.read() as session:
        required_document(session, document_id)
        found = session.execute(
            _makers().where(DocumentScoreRow.document_id == document_id)
        ).one_or_none()
        if found is None:
            return None
        query = select(SuggestionRow).where(SuggestionRow.document_id == document_id)
        return _suggestions(found[1:], list(session.scalars(query.order_by(*_IN_ORDER))))


def of_documents(db: Database, ids: Iterable[int]) -> dict[int, Suggestions]:
    """Return the suggestions of those documents that a model has looked at."""
    found: dict[int, Suggestions] = {}
    with db.read() as session:
        for chunk in chunks(ids):
            looked = _makers().where(DocumentScoreRow.document_id.in_(chunk))
            by_whom = {document: by for document, *by in session.execute(looked)}
            found |= {document: _suggestions(by, ()) for document, by in by_whom.items()}
            query = select(SuggestionRow).where(SuggestionRow.document_id.in_(chunk))
            rows = session.scalars(query.order_by(SuggestionRow.document_id, *_IN_ORDER))
            for document, many in groupby(rows, key=lambda row: row.document_id):
                if document in found:
                    found[document] = _suggestions(by_whom[document], list(many))
    return found


def newest_run(db: Database, project_id: int) -> int | None:
    """Return the newest training run whose model looked at documents of a project, or None."""
    with db.read() as session:
        looked = makers.of_project(session, project_id)
        query = select(RunRow.id).where(RunRow.id.in_(looked), RunRow.kind == RunKind.TRAINING)
        return session.scalar(query.order_by(RunRow.id.desc()).limit(1))


def _existing(
    session: Session, project_id: int, scores: Sequence[DocumentScore]
) -> list[DocumentScore]:
    wanted = [score.document for score in scores]
    query = select(DocumentRow.id).where(
        DocumentRow.project_id == project_id, DocumentRow.id.in_(wanted)
    )
    known = set(session.scalars(query))
    return [score for score in scores if score.document in known]


def _replace(
    session: Session,
    run_id: int,
    scores: Sequence[DocumentScore],
    spans: Mapping[int, Sequence[Span]],
    guesses: Mapping[int, Sequence[Span]],
    revision: int | None = None,
    by: Mapping[int, Sequence[int]] | None = None,
) -> None:
    documents = [score.document for score in scores]
    for table in (SuggestionRow, DocumentScoreRow):
        session.execute(delete(table).where(table.document_id.in_(documents)))
    given = by or {}
    rows = [
        _row(maker, document, span, rank)
        for document in documents
        for (rank, span), maker in zip(
            _ranked(spans.get(document, ()), guesses.get(document, ())),
            chain(given.get(document, ()), repeat(run_id)),
            strict=False,
        )
    ]
    if documents:
        of = {"run_id": run_id, "revision": revision}
        session.execute(insert(DocumentScoreRow), [of | _score_row(score) for score in scores])
    if rows:
        session.execute(insert(SuggestionRow), rows)


def _ranked(said: Iterable[Span], guesses: Iterable[Span]) -> Iterator[tuple[int, Span]]:
    yield from ((0, span) for span in said)
    yield from enumerate(guesses, start=1)


def _row(run_id: int, document: int, span: Span, rank: int) -> dict[str, Any]:
    place = {"start": span.start, "end": span.end, "label": span.label, "score": span.score}
    return {"run_id": run_id, "document_id": document, "rank": rank, **place}


def _score_row(score: DocumentScore) -> dict[str, Any]:
    values = asdict(score)
    return {"document_id": values.pop("document"), **values}


def _forget_others(db: Database, project_id: int, run_id: int) -> None:
    """Remove what other models said about documents that this one has not seen."""
    runs = select(RunRow.id).where(RunRow.project_id == project_id, RunRow.id != run_id)
    with db.read() as session:
        others = select(DocumentScoreRow.document_id).where(DocumentScoreRow.run_id.in_(runs))
        documents = list(session.scalars(others))
    for chunk in chunks(documents):
        with db.write() as session:
            for table in (SuggestionRow, DocumentScoreRow):
                here = table.document_id.in_(chunk), table.run_id != run_id
                session.execute(delete(table).where(*here))
        time.sleep(BREATH)


_IN_ORDER = SuggestionRow.rank, SuggestionRow.start, SuggestionRow.end


def _makers() -> Select[int, int, str, int | None]:
    """Select documents that were looked at, each with run, kind and revision of who did."""
    by = DocumentScoreRow.run_id, RunRow.kind, DocumentScoreRow.revision
    return select(DocumentScoreRow.document_id, *by).join(RunRow, RunRow.id == by[0])


def _suggestions(maker: Sequence[Any], rows: Sequence[SuggestionRow]) -> Suggestions:
    run, kind, revision = maker
    said = [row for row in rows if not row.rank]
    by = tuple(row.run_id for row in said)
    return Suggestions(
        run,
        tuple(map(_span, said)),
        tuple(_span(row) for row in rows if row.rank),
        kind,
        revision,
        by if {*by} - {run} else (),
    )


def _span(row: SuggestionRow) -> Span:
    return Span(row.start, row.end, row.label, source=Source.MODEL, score=row.score)
