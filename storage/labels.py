"""Labels inside a transaction; storage.projects has the functions for other rooms."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import validation
from storage.errors import InputError, NotFoundError
from storage.schema import LabelRow
from storage.types import Label

# White text on each of these, and each of them as text on white, has a contrast of at
# least 4.5:1; neighbours differ in hue.
PALETTE = (
    "#1d4ed8",
    "#b91c1c",
    "#047857",
    "#7e22ce",
    "#b45309",
    "#0e7490",
    "#be185d",
    "#4d7c0f",
    "#4338ca",
    "#9a3412",
    "#0f766e",
    "#86198f",
)
KEYS = "123456789"
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def of_project(session: Session, project_id: int) -> list[Label]:
    """Return a project's labels in their order."""
    rows = session.scalars(
        select(LabelRow).where(LabelRow.project_id == project_id).order_by(LabelRow.position)
    )
    return [_label(row) for row in rows]


def by_project(session: Session) -> dict[int, list[Label]]:
    """Return the labels of all projects, each in its order, by project id."""
    found: dict[int, list[Label]] = {}
    for row in session.scalars(select(LabelRow).order_by(LabelRow.position)):
        found.setdefault(row.project_id, []).append(_label(row))
    return found


def ensure(session: Session, project_id: int, names: Iterable[str]) -> dict[str, Label]:
    """Return all labels of a project by name, after making those that are missing."""
    found = {label.name: label for label in of_project(session, project_id)}
    for name in names:
        name = validation.name(name, "label")
        if name not in found:
            found[name] = _make(session, project_id, name, list(found.values()))
    return found


def change(session: Session, label: Label) -> Label:
    """Store a label's name, colour, key and description; raises InputError, NotFoundError."""
    row = session.get(LabelRow, label.id) if label.id is not None else None
    if row is None:
        raise NotFoundError(f'There is no label "{label.name}" any more: reload the page.')
    others = [each for each in of_project(session, row.project_id) if each.id != row.id]
    row.name = validation.name(label.name, "label")
    row.color, row.key = label.color, label.key
    row.description = validation.text(label.description, "The description")
    _check(row, others)
    session.flush()
    return _label(row)


def _check(row: LabelRow, others: list[Label]) -> None:
    if any(other.name == row.name for other in others):
        raise InputError(f'There is a label "{row.name}" already: choose another name.')
    if not _COLOR.fullmatch(row.color):
        raise InputError(f'"{row.color}" is no colour: write it like #1d4ed8.')
    if len(row.key) > 1 or row.key.isspace():
        raise InputError(f'"{row.key}" is no key: use one letter or digit, or none.')
    for other in others:
        if row.key and other.key == row.key:
            raise InputError(f'The key {row.key} belongs to "{other.name}": choose another.')


def _make(session: Session, project_id: int, name: str, others: list[Label]) -> Label:
    taken = {other.key for other in others}
    row = LabelRow(
        project_id=project_id,
        name=name,
        color=PALETTE[len(others) % len(PALETTE)],
        key=next((key for key in KEYS if key not in taken), ""),
        description="",
        position=len(others) + 1,
    )
    session.add(row)
    session.flush()
    return _label(row)


def _label(row: LabelRow) -> Label:
    return Label(row.name, row.color, row.key, row.description, row.id)
