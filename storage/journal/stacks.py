"""Undo and redo: which steps a journal's entries leave to be taken back or repeated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An applied operation: its name ("client:seq"), what it took back or repeated, its inverse.

    ``row`` is its place in the journal. On a stack an entry stands for a step: ``first`` is
    the name of the edit that did it first, ``turn`` that of the one that took it back.
    """

    op: str
    undoes: str | None = None
    redoes: str | None = None
    inverse: Mapping[str, Any] = field(default_factory=dict)
    row: int = 0
    first: str = ""
    turn: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step on a stack; ``document`` is None where it is an action's."""

    op: str
    inverse: Mapping[str, Any]
    n: int
    document: int | None = None
    action: int | None = None


@dataclass(frozen=True, slots=True)
class Stacks:
    """What can be taken back and repeated in one document, the next step last.

    ``undo_elsewhere`` and ``redo_elsewhere`` are the newest steps that are not among these.
    """

    undo: tuple[Step, ...] = ()
    redo: tuple[Step, ...] = ()
    undo_elsewhere: Mapping[str, Any] | None = None
    redo_elsewhere: Mapping[str, Any] | None = None


def stacks(entries: Iterable[JournalEntry]) -> tuple[list[JournalEntry], list[JournalEntry]]:
    """Return what can be undone and redone after these entries, the next one last.

    A new edit empties the redo stack, as everywhere. An entry on the redo stack bears the
    name of the operation that was undone, and the inverse of the one that undid it.
    """
    undo: list[JournalEntry] = []
    redo: list[JournalEntry] = []
    for entry in entries:
        if entry.undoes and (step := _take(undo, entry.undoes)):
            redo.append(replace(entry, op=step.op, first=step.first, turn=entry.op))
        elif entry.redoes and (step := _take(redo, entry.redoes)):
            undo.append(replace(entry, first=step.first))
        else:
            redo.clear()
            undo.append(replace(entry, first=entry.op))
    return undo, redo


def _take(stack: list[JournalEntry], name: str) -> JournalEntry | None:
    """Take the step that goes by a name off a stack, None where there is none."""
    for position in range(len(stack) - 1, -1, -1):
        step = stack[position]
        if name in (step.op, step.first, step.turn):
            return stack.pop(position)
    return None
