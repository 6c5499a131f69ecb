"""Statements are compiled once for all databases that a test process opens.

Every test opens a database of its own, and SQLAlchemy keeps what it compiled with an engine: a
fifth of the time of a test of the storage went into compiling what the one before had compiled.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

ROOM = 5_000


class Statements(LRUCache[Any, Any]):
    """What engines of equal dialects have compiled; a key begins with the engine's dialect."""

    def get(self, key: Any, default: Any = None) -> Any:
        """Return what is compiled already."""
        return super().get(_among_equals(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        """Keep what was compiled."""
        super().__setitem__(_among_equals(key), compiled)


def _among_equals(key: tuple[Any, ...]) -> Hashable:
    dialect, *rest = key
    # What is compiled writes JSON as its dialect does.
    return type(dialect), dialect._json_serializer, *rest


def share() -> None:
    """Let all engines that are made from now on have one store of compiled statements."""
    made, kept = Engine.__init__, Statements(ROOM)

    def make(engine: Engine, *given: Any, **named: Any) -> None:
        made(engine, *given, **named)
        engine._compiled_cache = kept

    Engine.__init__ = make  # type: ignore[method-assign, assignment]
