"""What every noun's queries share: chunks for IN lists and bulk inserts, keyset pages, groups."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, text
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import ColumnElement

T = TypeVar("T")

# SQLite before 3.32 takes at most 999 parameters in a statement; 500 also keeps plans small.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows in order; ``after`` asks for the next page and is None on the last one."""

    rows: tuple[T, ...]
    after: int | None


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Yield the items in lists of at most ``size``."""
    source = iter(items)
    while chunk := list(islice(source, size)):
        yield chunk


@contextmanager
def uncollected() -> Iterator[None]:
    """Spare Python looking for cycles among the many rows that come and go; there are none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def dumps(value: object) -> str:
    """Return compact JSON with its characters as they are."""
    return _ENCODER.encode(value)


def page(
    session: Session,
    query: Select[*tuple[Any, ...]],
    key: ColumnElement[int] | InstrumentedAttribute[int],
    after: int,
    limit: int,
    build: Callable[[object], T],
) -> Page[T]:
    """Return the rows whose key follows ``after``; ``key`` must be the query's first column.

    By key and not by OFFSET, so that page 2,000 costs what page 1 does and a row that
    comes or goes meanwhile shifts nothing.
    """
    found = session.execute(query.where(key > after).order_by(key).limit(limit + 1)).all()
    rows = found[:limit]
    return Page(tuple(build(row) for row in rows), rows[-1][0] if len(found) > limit else None)


def reserve_ids(session: Session, table: type[Any], count: int) -> Sequence[int]:
    """Return ids for new rows, ascending, that nobody else gets.

    SQLite's writers take turns, and it never gives an id again that was once in the table.
    """
    name = table.__tablename__
    if session.get_bind().dialect.name == "postgresql":
        numbers = text(
            "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"
        )
        return sorted(session.scalars(numbers, {"name": name, "count": count}))
    highest = text(
        f"SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{name}'), 0), "
        f"coalesce((SELECT max(id) FROM {name}), 0))"
    )
    start = session.scalar(highest) or 0
    return range(start + 1, start + count + 1)


def version(session: Session) -> int | None:
    """Return a number that is another one once somebody else has committed something.

    It is this connection's own, and of the moment that the session sees. None where the database
    has no such number.
    """
    if session.get_bind().dialect.name != "sqlite":
        return None
    return session.connection().exec_driver_sql("PRAGMA data_version").scalar()


def hash_by_oneself(session: Session) -> None:
    """Let no workers of PostgreSQL share the hashes of this transaction's joins.

    An anti join over a million rows each that took three seconds took more than ten minutes so.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL enable_parallel_hash = off"))


def glance(session: Session) -> Hashable:
    """Return what is another one once somebody else has committed something.

    PostgreSQL tells of other databases of the server, too, and of changes that are not done yet.
    """
    connection = session.connection()
    if (number := version(session)) is not None:
        # The number is this connection's own, and a later one may begin with the same.
        return connection.info.setdefault("glance", object()), number
    return connection.exec_driver_sql("SELECT txid_current_snapshot()::text").scalar()


def bulk_insert(
    session: Session, table: type[Any], columns: Sequence[str], rows: list[tuple[Any, ...]]
) -> None:
    """Insert rows whose values are as the driver takes them: JSON as text.

    Past the statement's compilation, which costs more than the insertion itself.
    """
    if not rows:
        return
    connection = session.connection()
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join([mark] * len(columns))
    connection.exec_driver_sql(
        f'INSERT INTO "{table.__tablename__}" ({names}) VALUES ({marks})',
        rows,
    )


class Following(Generic[T]):
    """What comes of many documents, in their order, of which no more than needed is held."""

    def __init__(self, values: Iterable[tuple[int, T]]) -> None:
        """``values`` come with the document that each of them is of."""
        self._groups = groupby(values, key=itemgetter(0))
        self._ahead: dict[int, list[T]] = {}

    def of(self, wanted: AbstractSet[int]) -> dict[int, list[T]]:
        """Return the values of the next documents, by document."""
        found = {id: self._ahead.pop(id) for id in wanted & self._ahead.keys()}
        while len(self._ahead) == 0 and (group := next(self._groups, None)):
            id, values = group[0], [value for _, value in group[1]]
            (found if id in wanted else self._ahead)[id] = values
        return found

    def left(self) -> bool:
        """Tell whether there are values of which no document has asked."""
        return bool(self._ahead) or next(self._groups, None) is not None
