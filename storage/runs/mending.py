"""Which rows of a report were mended since its run: decided by the journal, row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.cells import Cell
from storage.corpus import reading
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import DocumentRow, JournalRow
from storage.runs.reports import CellRow, matches_of, places
from storage.types import Run, Span


@dataclass(frozen=True, slots=True)
class _Page:
    """A document as it is now, and the ids of the spans that were edited since the run."""

    now: tuple[Span, ...]
    then: tuple[Span, ...]
    touched: Collection[str]


def since(db: Database, run: Run, rows: Collection[CellRow]) -> dict[int, tuple[Span, ...]]:
    """Return the rows whose own span is another now, each with all spans of its document.

    A row's place is its gold span, or the predicted one where nothing was labelled. It was
    mended where an edit that the run does not know left other spans there than it knew.
    """
    pages = _edited(db, run, {row.document for row in rows})
    return {
        row.id: page.now
        for row in rows
        if (page := pages.get(row.document)) and _mended(page, row.match.place)
    }


def count(db: Database, run: Run, cell: Cell) -> int:
    """Return how many rows of a part of a run's table were mended since the run.

    Only documents that were edited since are read: a table of a million rows costs what was done.
    """
    rows = _in_edited(db, run, cell)
    pages = _edited(db, run, {document for document, _ in rows})
    return sum(document in pages and _mended(pages[document], place) for document, place in rows)


def _in_edited(db: Database, run: Run, cell: Cell) -> list[tuple[int, Span]]:
    """Return document and place of the rows in documents that have an edit since."""
    since = JournalRow.project_id == run.project_id, JournalRow.id > (run.journal_id or 0)
    return places(db, cell, select(JournalRow.document_id).where(*since))


def _edited(db: Database, run: Run, documents: Collection[int]) -> dict[int, _Page]:
    """Read those of the documents that were edited since."""
    # A run of an older version has noted no edit: then any may be newer than it.
    after = run.journal_id or 0
    with db.read() as session:
        touched = _touched(session, documents, after)
        now = {
            document.id: document.spans
            for chunk in chunks(touched)
            for document in reading.documents(session, _rows(session, chunk))
        }
    known = matches_of(db, run.id, touched)
    return {
        document: _Page(
            now[document],
            tuple(match.gold for match in known[document] if match.gold),
            ids,
        )
        for document, ids in touched.items()
    }


def _rows(session: Session, ids: Collection[int]) -> list[DocumentRow]:
    return list(session.scalars(select(DocumentRow).where(DocumentRow.id.in_(ids))))


def _touched(session: Session, documents: Iterable[int], after: int) -> dict[int, set[str]]:
    """Return the ids of the spans that were edited after an entry of the journal, by document."""
    found: dict[int, set[str]] = {}
    for chunk in chunks(documents):
        query = select(JournalRow.document_id, JournalRow.operation).where(
            JournalRow.document_id.in_(chunk), JournalRow.id > after
        )
        for document, operation in session.execute(query):
            if ids := set(_ids(operation)):
                found.setdefault(document, set()).update(ids)
    return found


def _ids(operation: Mapping[str, Any]) -> Iterator[str]:
    """Yield the spans that an edit speaks of; one that only rejects or comments names none."""
    for part in operation.get("operations") or (operation,):
        if id := part.get("id") or (part.get("span") or {}).get("id"):
            yield id


def _mended(page: _Page, place: Span) -> bool:
    """Tell whether other spans lie in a place now than the run knew there.

    A span that nobody edited is what it was, though its label may have another name by now.
    """
    there = [span for span in page.then if _meet(span, place)]
    ranges = {(span.start, span.end) for span in there}
    now = [span for span in page.now if _meet(span, place)]
    edited = [span for span in now if span.id in page.touched]
    kept = {(span.start, span.end) for span in now if span.id not in page.touched}
    return not kept <= ranges or any(span not in there for span in edited) or len(now) != len(there)


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
