"""The dev split: a share of train, whole groups, drawn by seed and recorded."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from storage.corpus import splits
from storage.corpus.projects import dev_split_key, mark_splits, required
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.queries import chunks
from storage.engines.schema import AnnotationRow, DocumentRow, SettingRow
from storage.types import Split, Status

# So many documents are moved under one turn to write, and so many seconds lie between two turns.
AT_ONCE, BREATH = 2000, 0.02
_MOVING = "moving"


def assign(db: Database, project_id: int, seed: int = 13, share: float = 0.1) -> int:
    """Move a share of train to dev, whole groups at random, and return how many documents.

    Documents of one group, or of equal text, stay together. Labelled documents give their
    share by themselves, so that dev has some from the first. Does nothing where dev has a
    labelled document; what was moved is recorded in the settings.

    All of train is looked at without a lock, and a large part is moved in short turns, so that
    nobody waits who saves an edit. One that was killed over it is finished by the next.
    Raises NotFoundError.
    """
    _finish(db, project_id)
    while True:
        with db.read() as session:
            required(session, project_id)
            before = _stamp(session, project_id)
            chosen = _choose(session, project_id, seed, share)
        if not chosen:
            return 0
        with db.write() as session:
            required(session, project_id, turn=True)
            # Who brought documents in meanwhile may have brought the same texts.
            if _stamp(session, project_id) == before:
                many = {_MOVING: True} if len(chosen) > AT_ONCE else {}
                _record(session, project_id, _told(chosen, seed, share) | many)
                _move(session, project_id, chosen[:AT_ONCE])
                break
    _finish(db, project_id)
    return len(chosen)


def assign_within(session: Session, project_id: int, seed: int = 13, share: float = 0.1) -> int:
    """Do what ``assign`` does inside a transaction, which others wait for."""
    chosen = _choose(session, project_id, seed, share)
    if chosen:
        _record(session, project_id, _told(chosen, seed, share))
        _move(session, project_id, chosen)
    return len(chosen)


def _finish(db: Database, project_id: int) -> None:
    """Move what is recorded as moving."""
    key = dev_split_key(project_id)
    with db.read() as session:
        row = session.get(SettingRow, key)
        record: dict[str, Any] = dict(row.value) if row else {}
    if not record.pop(_MOVING, False):
        return
    for chunk in chunks(record["documents"], AT_ONCE):
        with db.write() as session:
            required(session, project_id, turn=True)
            _move(session, project_id, chunk)
        time.sleep(BREATH)
    with db.write() as session:
        _record(session, project_id, record)


def _choose(session: Session, project_id: int, seed: int, share: float) -> list[int]:
    dev = _dev_counts(session, project_id)
    if dev.get(True):
        return []
    groups = train_groups(session, project_id)
    chosen = splits.choose(groups[True], share, seed)
    return chosen if dev else chosen + splits.choose(groups[False], share, seed)


def _move(session: Session, project_id: int, ids: Sequence[int]) -> None:
    for chunk in chunks(ids):
        here = DocumentRow.id.in_(chunk) & _IN_TRAIN
        session.execute(update(DocumentRow).where(here).values(split=Split.DEV))
    mark_splits(session, project_id)


def _told(chosen: list[int], seed: int, share: float) -> dict[str, Any]:
    return {"seed": seed, "share": share, "documents": chosen, "at": now()}


def _record(session: Session, project_id: int, record: dict[str, Any]) -> None:
    session.merge(SettingRow(key=dev_split_key(project_id), value=record))


def _stamp(session: Session, project_id: int) -> tuple[int, dict[bool, int]]:
    newest = select(func.max(DocumentRow.id)).where(DocumentRow.project_id == project_id)
    return session.scalar(newest) or 0, _dev_counts(session, project_id)


def train_groups(
    session: Session, project_id: int, *, sources: bool = True
) -> dict[bool, splits.Groups]:
    """Return train's groups by whether they hold a document that is done.

    Documents of equal text are together, and with ``sources`` those of one group.
    """
    query = (
        select(DocumentRow.id, DocumentRow.group, DocumentRow.text_hash, _status() == Status.DONE)
        .outerjoin(AnnotationRow, _current())
        .where(DocumentRow.project_id == project_id)
        .where(_IN_TRAIN)
        .order_by(DocumentRow.id)
    )
    equal = _equal_texts(session, project_id)
    groups = {True: splits.Groups(), False: splits.Groups()}
    done: set[int] = set()
    marks: list[tuple[int, list[Hashable]]] = []
    rows = session.connection().execute(query, execution_options={"yield_per": 2_000})
    for id, group, hash, is_done in rows:
        shared = [("group", group)] if group and sources else []
        if not shared and hash not in equal:
            groups[bool(is_done)].add_alone(id)
            continue
        done |= {id} if is_done else set()
        marks.append((id, [hash, *shared]))
    for found in splits.gather(marks):
        groups[not done.isdisjoint(found)].add(found)
    return groups


def _equal_texts(session: Session, project_id: int) -> set[str]:
    """Return the hashes of texts that a project has more than once."""
    query = (
        select(DocumentRow.text_hash)
        .where(DocumentRow.project_id == project_id)
        .group_by(DocumentRow.text_hash)
        .having(func.count() > 1)
    )
    return set(session.scalars(query))


def _dev_counts(session: Session, project_id: int) -> dict[bool, int]:
    """Return how many documents dev has by whether they are done."""
    done = (_status() == Status.DONE).label("done")
    query = (
        select(done, func.count())
        .select_from(DocumentRow)
        .outerjoin(AnnotationRow, _current())
        .where(DocumentRow.project_id == project_id, DocumentRow.split == Split.DEV)
        .group_by(done)
    )
    return {bool(is_done): count for is_done, count in session.execute(query)}


def _current() -> ColumnElement[bool]:
    return (AnnotationRow.document_id == DocumentRow.id) & AnnotationRow.is_current


def _status() -> ColumnElement[str]:
    return func.coalesce(AnnotationRow.status, Status.UNTOUCHED)


_IN_TRAIN = DocumentRow.split.is_(None) | (DocumentRow.split == Split.TRAIN)
