"""Examples of a label: sentences that show what it is, or what it is not, and why.

They are a part of the guideline: who adds, changes or removes one makes a version of it, under
which no label means something else (``versions.making``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.corpus import labels, validation
from storage.corpus.documents import required_document
from storage.corpus.projects import required
from storage.database import settings
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.queries import chunks
from storage.engines.schema import DocumentRow, ExampleRow
from storage.errors import InputError, NotFoundError
from storage.knowledge.versions import making
from storage.permissions import Ability, needs

LONGEST = 2_000
"""Characters of a sentence, and of a reason."""
SENTENCE = 400
"""A text with more is cut to the sentence that a mark lies in."""
# A line, or a sentence with the space behind it; Chinese and Japanese write none.
_ENDS = re.compile(r"\n+|(?<=[.!?…])\s+|(?<=[。！？])")


class Kind(StrEnum):
    """Whether an example shows what a label is, or what it is not."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that shows a label. ``start`` and ``end`` are code points of ``text``.

    Both are None where the whole text is meant. ``document`` is where it was taken from, None
    where that is not there any more or was never here.
    """

    id: int
    label: int
    kind: Kind
    text: str
    start: int | None
    end: int | None
    reason: str
    document: int | None
    author: str
    created_at: str
    second_text: str | None = None

    @property
    def quote(self) -> str:
        """The words that it is about: the mark's, or all of them."""
        return self.text if self.start is None else self.text[self.start : self.end]


def of_project(db: Database, project_id: int) -> dict[int, list[Example]]:
    """Return a project's examples by label, in the order in which they were taken."""
    with db.read() as session:
        required(session, project_id)
        rows = session.scalars(
            select(ExampleRow).where(ExampleRow.project_id == project_id).order_by(ExampleRow.id)
        ).all()
        there = _there(session, project_id, (row.document_id for row in rows))
    found: dict[int, list[Example]] = {}
    for row in rows:
        found.setdefault(row.label_id, []).append(_example(row, there))
    return found


def get(db: Database, example_id: int) -> Example:
    """Return an example; raises NotFoundError."""
    with db.read() as session:
        row = _required(session, example_id)
        return _example(row, _there(session, row.project_id, [row.document_id]))


@needs(Ability.GUIDE)
def add(
    db: Database,
    project_id: int,
    label_id: int,
    kind: str,
    text: str,
    start: int | None,
    end: int | None,
    document_id: int | None = None,
    reason: str = "",
    second_text: str | None = None,
) -> Example:
    """Keep a sentence as an example of a label; what is an example already gets the new reason.

    ``start`` and ``end`` are code points of ``text``; both None, or both 0, mean all of it.
    Raises InputError, NotFoundError.
    """
    author = settings.annotator(db)
    with db.write() as session:
        required(session, project_id, turn=True)
        _check_label(session, project_id, label_id)
        values = _values(kind, text, start, end, second_text) | {"reason": _reason(reason)}
        if document_id is not None and not _belongs(session, project_id, document_id):
            raise NotFoundError(f"The project has no document {document_id}: reload the page.")
        with making.changing(session, project_id, author, meaning=()):
            row = _same(session, label_id, values)
            if row is None:
                row = ExampleRow(project_id=project_id, label_id=label_id, document_id=document_id)
                row.author, row.created_at = author, now()
                session.add(row)
            values["reason"] = values["reason"] or row.reason or ""
            for name, value in values.items():
                setattr(row, name, value)
        return _example(row, _there(session, row.project_id, [row.document_id]))


@needs(Ability.GUIDE)
def take(
    db: Database, document_id: int, label_id: int, kind: str, start: int, end: int, reason: str = ""
) -> Example:
    """Keep as an example what lies in a document: of a long one the sentence that it is in.

    ``start`` and ``end`` are code points of its text; both 0 mean all of it. Raises InputError,
    NotFoundError.
    """
    with db.read() as session:
        row = required_document(session, document_id)
        project, text, second = row.project_id, row.text, row.second_text
    if not 0 <= start <= end <= len(text):
        raise InputError("The mark does not lie in the text: choose it again.")
    first, last = _around(text, start, end)
    if end:
        start, end = start - first, end - first
    shown = text[first:last], start, end, document_id, reason
    return add(db, project, label_id, kind, *shown, second and second[:LONGEST])


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the sentence around a mark begins and ends, in a text that is too long."""
    if len(text) <= SENTENCE:
        return 0, len(text)
    if not end:
        return 0, LONGEST
    ends = [found.end() for found in _ENDS.finditer(text)]
    first = max((at for at in ends if at <= start), default=0)
    last = min((at for at in ends if at >= end), default=len(text))
    return max(first, start - SENTENCE), min(last, max(end, start + SENTENCE))


@needs(Ability.GUIDE)
def change(db: Database, example_id: int, *, reason: str, kind: str | None = None) -> Example:
    """Store why a sentence is an example, and of what; raises InputError, NotFoundError."""
    author = settings.annotator(db)
    with db.write() as session:
        row = _turn(session, example_id)
        with making.changing(session, row.project_id, author, meaning=()):
            row.reason = _reason(reason)
            row.kind = row.kind if kind is None else _kind(kind)
        return _example(row, _there(session, row.project_id, [row.document_id]))


@needs(Ability.GUIDE)
def remove(db: Database, example_id: int) -> None:
    """Let a sentence be no example any more; raises NotFoundError."""
    author = settings.annotator(db)
    with db.write() as session:
        row = _turn(session, example_id)
        with making.changing(session, row.project_id, author, meaning=()):
            session.delete(row)


def _turn(session: Session, example_id: int) -> ExampleRow:
    """Return an example's row once nobody else changes its project."""
    required(session, _required(session, example_id).project_id, turn=True)
    return _required(session, example_id)


def _required(session: Session, example_id: int) -> ExampleRow:
    # As it is now: whoever waited for a turn has read it before.
    row = session.get(ExampleRow, example_id, populate_existing=True)
    if row is None:
        raise NotFoundError("This example is not there any more: reload the page.")
    return row


def _check_label(session: Session, project_id: int, label_id: int) -> None:
    if label_id not in labels.names(session, project_id):
        raise NotFoundError("This label is not there any more: reload the page.")


def _belongs(session: Session, project_id: int, document_id: int) -> bool:
    row = session.get(DocumentRow, document_id)
    return row is not None and row.project_id == project_id


def _values(
    kind: str, text: str, start: int | None, end: int | None, second_text: str | None
) -> dict[str, Any]:
    """Return the columns of what an example shows; raises InputError."""
    if not text.strip():
        raise InputError("The example has no text: choose a sentence.")
    texts = [validation.text(each, "The example") for each in (text, second_text or "")]
    if max(map(len, texts)) > LONGEST:
        raise InputError(f"An example has {LONGEST:,} characters at most: take a shorter part.")
    if not start and not end:
        start = end = None
    elif start is None or end is None or not 0 <= start < end <= len(text):
        raise InputError("The mark does not lie in the example's text: choose it again.")
    return {
        "kind": _kind(kind),
        "text": text,
        "start": start,
        "end": end,
        "second_text": second_text,
    }


def _kind(kind: str) -> str:
    if kind not in [*Kind]:
        raise InputError(
            f"{kind!a} is no kind of example: take {Kind.POSITIVE} or {Kind.NEGATIVE}."
        )
    return Kind(kind)


def _reason(reason: str) -> str:
    reason = validation.text(reason.strip(), "The reason")
    if len(reason) > LONGEST:
        raise InputError(f"A reason has {LONGEST:,} characters at most: say it shorter.")
    return reason


def _same(session: Session, label_id: int, values: dict[str, Any]) -> ExampleRow | None:
    """Return the row that shows the same of a label, whatever reason it gives."""
    query = select(ExampleRow).where(ExampleRow.label_id == label_id)
    names = ("kind", "text", "start", "end", "second_text")
    rows: Sequence[ExampleRow] = session.scalars(query).all()
    same = (row for row in rows if all(getattr(row, name) == values[name] for name in names))
    return next(same, None)


def _there(session: Session, project_id: int, ids: Iterable[int | None]) -> set[int]:
    """Return those of some documents that are still there; no other project's."""
    found: set[int] = set()
    for chunk in chunks({id for id in ids if id is not None}):
        here = DocumentRow.id.in_(chunk), DocumentRow.project_id == project_id
        found.update(session.scalars(select(DocumentRow.id).where(*here)))
    return found


def _example(row: ExampleRow, there: set[int]) -> Example:
    return Example(
        row.id,
        row.label_id,
        Kind(row.kind),
        row.text,
        row.start,
        row.end,
        row.reason,
        row.document_id if row.document_id in there else None,
        row.author,
        row.created_at,
        row.second_text,
    )
