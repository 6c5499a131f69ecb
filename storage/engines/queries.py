"""What every noun's queries share: chunks for IN lists and bulk inserts, and keyset pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

from sqlalchemy import Select
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


def dumps(value: object) -> str:
    """Return compact JSON with its characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


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
