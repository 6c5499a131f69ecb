"""Whether anything has changed that the sets of a project's documents tell."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storage.corpus.projects import gold_key, looked_key, splits_key
from storage.engines import queries
from storage.engines.schema import DocumentRow, JournalRow, SettingRow


class Stamp(NamedTuple):
    """What cannot stay the same when anything changes that the sets tell.

    Documents and entries of the journal are numbered in the order in which they are committed
    (``projects.required``), so the newest of each stands for all before it. A backup that is
    restored gives numbers again: it is another file.
    """

    file: Hashable
    document: int
    splits: str
    """Another after every change of documents' splits: they move without an entry."""
    entry: int
    looked: str
    gold: str
    """Another after every change of what is gold that left no entry in the journal."""


def of(session: Session, project_id: int) -> Stamp:
    """Return a project's stamp; looked up anew only where something was committed since.

    What a connection found out is kept with it, for a page asks several times.
    """
    version = queries.version(session)
    if version is None:
        return _looked_up(session, project_id)
    kept: dict[int, tuple[int, Stamp]] = session.connection().info.setdefault("stamps", {})
    known = kept.get(project_id)
    if known is None or known[0] != version:
        kept[project_id] = known = version, _looked_up(session, project_id)
    return known[1]


def file(session: Session) -> Hashable:
    """Return what tells the database's file from others that take its place."""
    return session.connection().info.get("file")


def last_document(project_id: int) -> Select:
    """Select the id of the document that came last."""
    return select(func.max(DocumentRow.id)).where(DocumentRow.project_id == project_id)


def _looked_up(session: Session, project_id: int) -> Stamp:
    entry = select(func.max(JournalRow.id)).where(JournalRow.project_id == project_id)
    keys = splits_key(project_id), looked_key(project_id), gold_key(project_id)
    query = select(SettingRow).where(SettingRow.key.in_(keys))
    kept = {row.key: row.value for row in session.scalars(query)}
    return Stamp(
        file(session),
        session.scalar(last_document(project_id)) or 0,
        kept.get(keys[0], ""),
        session.scalar(entry) or 0,
        kept.get(keys[1], ""),
        str(kept.get(keys[2], "")),
    )
