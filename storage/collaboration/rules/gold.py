"""Gold: which annotation of a document is marked as the one that counts, inside a transaction.

The mark is ``annotations.is_current``, and whatever trains, exports, counts or searches reads it.
Where the newest version counts, whoever writes one moves the mark by itself; by any other policy
it is found anew here, after each write and after a change of the policy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import String, cast, delete, func, select, update
from sqlalchemy.orm import Session

from storage.collaboration.rules import computed, imported
from storage.collaboration.rules.computed import Held, Kept
from storage.collaboration.rules.policies import (
    Choice,
    Gold,
    Mark,
    Policy,
    Version,
    choose,
    needs_marks,
    newest_of,
)
from storage.engines.queries import chunks
from storage.engines.schema import (
    ActionRow,
    AnnotationRow,
    DocumentRow,
    JournalRow,
    ProjectRow,
    SpanRow,
)
from storage.types import Merged, Status

_COLUMNS = (
    AnnotationRow.id,
    AnnotationRow.document_id,
    AnnotationRow.annotator,
    AnnotationRow.status,
    AnnotationRow.is_current,
    AnnotationRow.revision,
    AnnotationRow.flagged,
    AnnotationRow.comment,
    AnnotationRow.guideline,
)
Given = tuple[Status, Collection[Mark]]
# Stands for an annotation that is not there yet.
MINE = 0
# Edits that everybody's work got by a change of the labels, or that were taken back with many
# others, make nobody's work the newest.
_OWN = JournalRow.action_id.is_(None) | (
    ActionRow.reverses.is_(None) & cast(ActionRow.detail, String).in_(("{}", "null"))
)


def of(row: ProjectRow) -> Policy:
    """Return a project's policy."""
    return Policy(Gold(row.gold), row.gold_annotator)


def settle(session: Session, policy: Policy, documents: Iterable[int]) -> None:
    """Mark what is gold of some documents by the policy, as they stand in this transaction."""
    for chunk in chunks(dict.fromkeys(documents)):
        rows, held = _read(session, policy, chunk)
        chosen = dict(_choices(session, policy, rows, held))
        merged = {id: choice.merged for id, choice in chosen.items() if choice.merged is not None}
        if merged:
            computed.store(session, rows, merged, held)
        _mark(session, rows, chosen)


def count_without(session: Session, policy: Policy, documents: Sequence[int]) -> int:
    """Return how many of a chunk of documents somebody has finished, and would have no gold."""
    rows, held = _read(session, policy, documents)
    touched = {
        document: any(row.status == Status.DONE for row in own) for document, own in rows.items()
    }
    chosen = _choices(session, policy, rows, held)
    return sum(1 for document, choice in chosen if touched[document] and not choice.finished)


class Fate(StrEnum):
    """What would become of a version that somebody gives a document."""

    COUNTS = "counts"
    KEPT = "kept"
    """Something else counts."""
    WAITS = "waits"
    """Nothing counts until somebody decides."""


def fates(
    session: Session, policy: Policy, annotator: str, given: Mapping[int, Given]
) -> dict[int, Fate]:
    """Return what would become of versions that somebody brings for a chunk of documents.

    Nothing is changed. ``given`` has status and marks by document.
    """
    rows, _ = _read(session, policy, list(given))
    own = (AnnotationRow.annotator == annotator) & AnnotationRow.document_id.in_(list(given))
    came = imported.condition(frozenset({annotator}))
    edited = set(session.scalars(select(AnnotationRow.document_id).where(own, ~came)))
    versions = {
        document: [
            *(_version(row) for row in rows.get(document, ()) if row.annotator != annotator),
            Version(MINE, annotator, str(status), document not in edited),
        ]
        for document, (status, _) in given.items()
    }
    others = [each.id for own in versions.values() for each in own if each.id != MINE]
    held: dict[int, Collection[Mark]] = {**_marks(session, others)}
    return {
        document: _fate(policy, versions[document], {**held, MINE: marks})
        for document, (_, marks) in given.items()
    }


def _fate(policy: Policy, versions: Sequence[Version], held: Mapping[int, Any]) -> Fate:
    choice = choose(policy, versions, lambda: MINE, held.__getitem__)
    if choice == Choice():
        return Fate.WAITS
    # What says the same is the same, whoever's it is.
    counts = held[choice.version] if choice.version is not None else choice.merged
    return Fate.COUNTS if set(counts or ()) == set(held[MINE]) else Fate.KEPT


def _read(
    session: Session, policy: Policy, documents: Sequence[int]
) -> tuple[dict[int, list[Any]], Held]:
    """Return the annotations of documents, and the marks of those that are looked into."""
    came = imported.condition(_importers(session, documents)).label("is_imported")
    query = select(*_COLUMNS, came).where(AnnotationRow.document_id.in_(documents))
    rows: dict[int, list[Any]] = {}
    for row in session.execute(query.order_by(AnnotationRow.id)):
        rows.setdefault(row.document_id, []).append(row)
    wanted = []
    for own in rows.values():
        if found := needs_marks(policy, map(_version, own)):
            wanted += found
            wanted += [row.id for row in own if row.annotator == Merged.MAJORITY]
    return rows, _marks(session, wanted)


def _version(row: Any) -> Version:
    return Version(row.id, row.annotator, row.status, row.is_imported)


def _importers(session: Session, documents: Sequence[int]) -> frozenset[str]:
    """Return who imported into the project of some documents, which is one."""
    query = select(DocumentRow.project_id).where(DocumentRow.id.in_(documents[:1]))
    project = session.scalar(query)
    return frozenset() if project is None else imported.names(session, project)


def _marks(session: Session, annotations: Sequence[int]) -> dict[int, dict[Mark, Kept]]:
    """Return of each annotation its marks, with what is kept of each."""
    found: dict[int, dict[Mark, Kept]] = {id: {} for id in annotations}
    columns = SpanRow.annotation_id, SpanRow.start, SpanRow.end, SpanRow.label_id
    for chunk in chunks(annotations):
        query = select(*columns, SpanRow.source, SpanRow.score)
        query = query.where(SpanRow.annotation_id.in_(chunk)).order_by(SpanRow.id)
        for annotation, start, end, label, source, score in session.execute(query):
            found[annotation].setdefault((start, end, label), (source, score))
    return found


def _choices(
    session: Session,
    policy: Policy,
    rows: Mapping[int, Sequence[Any]],
    held: Held,
) -> Iterator[tuple[int, Choice]]:
    # Of many at once, and only where somebody asks.
    edited = cache(lambda: _edited(session, [own for own in rows.values() if len(own) > 1]))
    for document, own in rows.items():
        versions = [_version(row) for row in own]

        def newest(versions: list[Version] = versions) -> int | None:
            return newest_of(versions, edited() if len(versions) > 1 else {})

        yield document, choose(policy, versions, newest, lambda id: held[id])


def _edited(session: Session, several: Iterable[Sequence[Any]]) -> dict[int, int]:
    """Return the newest entry of the journal by annotation, of those that are not alone."""
    ids = {(row.document_id, row.annotator): row.id for own in several for row in own}
    found = {}
    for chunk in chunks(dict.fromkeys(document for document, _ in ids)):
        query = (
            select(JournalRow.document_id, JournalRow.annotator, func.max(JournalRow.id))
            .outerjoin(ActionRow, ActionRow.id == JournalRow.action_id)
            .where(JournalRow.document_id.in_(chunk), _OWN)
            .group_by(JournalRow.document_id, JournalRow.annotator)
        )
        for document, annotator, entry in session.execute(query):
            if (document, annotator) in ids:
                found[ids[document, annotator]] = entry
    return found


def _mark(
    session: Session, rows: Mapping[int, Sequence[Any]], chosen: Mapping[int, Choice]
) -> None:
    """Move the mark; what was computed and counts no more goes."""
    off: list[int] = []
    on: list[int] = []
    gone: list[int] = []
    for document, choice in chosen.items():
        for row in rows[document]:
            if row.annotator == Merged.MAJORITY:
                gone += [row.id] if choice.merged is None else []
            elif row.is_current != (row.id == choice.version):
                (off if row.is_current else on).append(row.id)
    for chunk in chunks(gone):
        session.execute(delete(AnnotationRow).where(AnnotationRow.id.in_(chunk)))
    # Off before on, for no document has two.
    for ids, value in ((off, False), (on, True)):
        for chunk in chunks(ids):
            where = AnnotationRow.id.in_(chunk)
            session.execute(update(AnnotationRow).where(where).values(is_current=value))
