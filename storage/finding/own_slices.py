"""Slices that people make: a name for a search, and the matches of a run that it finds.

A search finds documents as they are now, and all marks of a document are in the slice. The rows
of a run are brought up to date before somebody looks: then a slice is a filter like any other.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import delete, exists, insert, literal, select
from sqlalchemy.orm import Session

from storage.corpus import projects, validation
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.queries import chunks
from storage.engines.schema import MatchRow, MatchSliceRow, OwnSliceRow
from storage.errors import InputError, NotFoundError
from storage.finding import facets, search
from storage.finding.search import Search
from storage.runs import reports
from storage.runs.runs import required_run

PREFIX = "own-"

# What was brought up to date last, of each slice and run: the search, and the index of that time.
_fresh: WeakKeyDictionary[Database, dict[tuple[int, int], Any]] = WeakKeyDictionary()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class OwnSlice:
    """A slice that people made."""

    id: int
    name: str
    search: Search

    @property
    def key(self) -> str:
        """Return what rows call it: the name may change."""
        return f"{PREFIX}{self.id}"


def of_project(db: Database, project_id: int) -> list[OwnSlice]:
    """Return a project's own slices in the order in which they were made."""
    query = select(OwnSliceRow).where(OwnSliceRow.project_id == project_id)
    with db.read() as session:
        return [_slice(row) for row in session.scalars(query.order_by(OwnSliceRow.id))]


def create(db: Database, project_id: int, name: str, wanted: Search) -> OwnSlice:
    """Keep a search under a name; raise InputError where the name or the search is of no use."""
    if wanted.finds_all:
        raise InputError("This would hold every document: look for something first.")
    # Refused here, before it is kept, where it cannot be looked for.
    search.count(db, project_id, wanted)
    with db.write() as session:
        projects.required(session, project_id, turn=True)
        made = OwnSliceRow(
            project_id=project_id,
            name=_free_name(session, project_id, name),
            search=wanted.address,
            created_at=now(),
        )
        session.add(made)
        session.flush()
        return _slice(made)


def rename(db: Database, slice_id: int, name: str) -> OwnSlice:
    """Give a slice another name; raise InputError where it is taken, NotFoundError."""
    with db.write() as session:
        row = _required(session, slice_id)
        if row.name != name.strip():
            row.name = _free_name(session, row.project_id, name)
        return _slice(row)


def remove(db: Database, slice_id: int) -> None:
    """Delete a slice, with what runs know of it; what it finds stays as it is."""
    with db.write() as session:
        session.execute(delete(OwnSliceRow).where(OwnSliceRow.id == slice_id))
        gone = MatchSliceRow.name == f"{PREFIX}{slice_id}"
        session.execute(delete(MatchSliceRow).where(gone))


def stamp(db: Database, project_id: int) -> Hashable:
    """Return what is another once any slice may hold other documents."""
    own = tuple(of_project(db, project_id))
    return own, facets.index(db, project_id).stamp if own else None


def refresh(db: Database, project_id: int, run_id: int) -> str:
    """Bring the rows of a run up to date with what each own slice finds now.

    Returns why some are as they were, in one sentence; "" where all are up to date.
    """
    own = of_project(db, project_id)
    if not own:
        return ""
    stamp = reports.stored_at(db, run_id), facets.index(db, project_id).stamp
    with _lock:
        fresh = _fresh.setdefault(db, {})
    stale = [each for each in own if fresh.get((run_id, each.id)) != (each.search, stamp)]
    if stale and (barrier := db.barrier()):
        return f"Your own slices may be out of date. {barrier}"
    for each in stale:
        try:
            found = set(search.ids(db, project_id, each.search))
        except InputError as error:
            return f'Your slice "{each.name}" may be out of date. {error}'
        _replace(db, run_id, each.key, found)
        fresh[run_id, each.id] = each.search, stamp
    return ""


def _replace(db: Database, run_id: int, key: str, found: set[int]) -> None:
    """Store that the matches in these documents are in a slice; touch only what changed."""
    own = select(MatchRow.document_id).where(MatchRow.run_id == run_id).distinct()
    held = own.join(MatchSliceRow, MatchSliceRow.match_id == MatchRow.id)
    with db.read() as session:
        known = set(session.scalars(held.where(MatchSliceRow.name == key)))
        wanted = found.intersection(session.scalars(own))
    if known == wanted:
        return
    with db.write() as session:
        required_run(session, run_id, lock=True)
        for chunk in chunks(sorted(known - wanted)):
            gone = _matches(run_id, chunk)
            rows = MatchSliceRow.name == key, MatchSliceRow.match_id.in_(gone)
            session.execute(delete(MatchSliceRow).where(*rows))
        for chunk in chunks(sorted(wanted - known)):
            new = _matches(run_id, chunk).add_columns(literal(key)).where(~_holds(key))
            session.execute(insert(MatchSliceRow).from_select(["match_id", "name"], new))


def _matches(run_id: int, documents: Sequence[int]) -> Any:
    return select(MatchRow.id).where(MatchRow.run_id == run_id, MatchRow.document_id.in_(documents))


def _holds(key: str) -> Any:
    """Tell whether a row is there: another process may have stored it meanwhile."""
    return exists().where(MatchSliceRow.match_id == MatchRow.id, MatchSliceRow.name == key)


def _free_name(session: Session, project_id: int, name: str) -> str:
    wanted = validation.name(name, "slice")
    taken = select(OwnSliceRow.name).where(OwnSliceRow.project_id == project_id)
    if wanted.casefold() in {each.casefold() for each in session.scalars(taken)}:
        raise InputError(f'There is a slice named "{wanted}" already: choose another name.')
    return wanted


def _required(session: Session, slice_id: int) -> OwnSliceRow:
    row = session.get(OwnSliceRow, slice_id)
    if row is None:
        raise NotFoundError("This slice is not there any more: somebody has deleted it.")
    return row


def _slice(row: OwnSliceRow) -> OwnSlice:
    return OwnSlice(row.id, row.name, Search.parse(row.search))
