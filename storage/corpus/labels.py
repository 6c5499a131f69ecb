"""Labels inside a transaction; storage.corpus.projects has the functions for other rooms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.corpus import validation
from storage.engines.queries import chunks
from storage.engines.schema import LabelRow
from storage.errors import InputError, NotFoundError
from storage.types import Label

# White text on each of these, and each of them as text on white, has a contrast of at
# least 4.5:1; neighbours differ in hue.
PALETTE = (
    "#2b59da",
    "#bd2a2a",
    "#047857",
    "#8a36d2",
    "#b45309",
    "#0e7490",
    "#bf1a5f",
    "#4d7c0f",
    "#5a50d0",
    "#a4482a",
    "#0f766e",
    "#983ca0",
)
KEYS = "123456789"
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def of_project(session: Session, project_id: int) -> list[Label]:
    """Return a project's labels in their order."""
    rows = session.scalars(
        select(LabelRow)
        .where(LabelRow.project_id == project_id, ~LabelRow.is_deleted)
        .order_by(LabelRow.position)
    )
    return [_label(row) for row in rows]


def names(session: Session, project_id: int) -> dict[int, str]:
    """Return the names of a project's labels by id, in their order."""
    return {label.id: label.name for label in of_project(session, project_id) if label.id}


def heirs(session: Session, project_id: int) -> dict[int, str]:
    """Return the names of labels by id, and by the ids of those that were merged into them.

    A label that is deleted has none, and is missing.
    """
    there = names(session, project_id)
    query = select(LabelRow.id, LabelRow.merged_into).where(
        LabelRow.project_id == project_id, LabelRow.is_deleted
    )
    merged = dict(session.execute(query).all())
    found = {id: _heir(id, merged) for id in merged}
    return there | {id: there[heir] for id, heir in found.items() if heir in there}


def _heir(id: int, merged: Mapping[int, int | None]) -> int:
    """Return the label that has what a deleted one had; none where they lead in a circle."""
    seen: set[int] = set()
    while id in merged and id not in seen:
        seen.add(id)
        id = merged[id] or 0
    return id


def by_project(session: Session) -> dict[int, list[Label]]:
    """Return the labels of all projects, each in its order, by project id."""
    found: dict[int, list[Label]] = {}
    there = select(LabelRow).where(~LabelRow.is_deleted).order_by(LabelRow.position)
    for row in session.scalars(there):
        found.setdefault(row.project_id, []).append(_label(row))
    return found


def ensure(
    session: Session,
    project_id: int,
    names: Iterable[str],
    known: dict[str, Label] | None = None,
) -> dict[str, Label]:
    """Return all labels of a project by name, after making those that are missing.

    Who asks often hands over what the last answer was: thousands of labels are not read anew
    for each new one.
    """
    found = known or {label.name: label for label in of_project(session, project_id)}
    wanted = dict.fromkeys(validation.label_name(name) for name in names)
    if missing := [name for name in wanted if name not in found]:
        found |= _make(session, project_id, missing, found)
    return found


def project_of(session: Session, label: Label) -> int:
    """Return the project that has a label; raises NotFoundError."""
    return _there(session, label).project_id


def change(session: Session, label: Label) -> Label:
    """Store what a label says; raises InputError, NotFoundError.

    A deleted label that had the name gives it up.
    """
    row = _there(session, label)
    others = [each for each in of_project(session, row.project_id) if each.id != row.id]
    row.name = validation.label_name(label.name)
    row.color, row.key = label.color, label.key
    row.description = validation.text(label.description, "The description")
    row.positive = validation.text(label.positive, "The example")
    row.negative = validation.text(label.negative, "The example")
    with session.no_autoflush:
        _check(row, others)
        _free(session, row)
    session.flush()
    return _label(row)


def describe(session: Session, label: Label, words: Mapping[str, str]) -> Label:
    """Store some of what a label is and is not; the rest stays. Raises InputError, NotFoundError.

    ``words`` has a ``description``, an example (``positive``) and one of what it is not
    (``negative``), or some of them.
    """
    known: dict[str, Any] = dict(words)
    return change(session, replace(_label(_there(session, label)), **known))


def _there(session: Session, label: Label) -> LabelRow:
    # As it is now: whoever waited for a turn has read it before.
    known = label.id is not None
    row = session.get(LabelRow, label.id, populate_existing=True) if known else None
    if row is None or row.is_deleted:
        raise NotFoundError(f'There is no label "{label.name}" any more: reload the page.')
    return row


def _check(row: LabelRow, others: list[Label]) -> None:
    if any(other.name == row.name for other in others):
        raise InputError(f'There is a label "{row.name}" already: choose another name.')
    if not _COLOR.fullmatch(row.color):
        raise InputError(f'"{row.color}" is no colour: write it like #2b59da.')
    if len(row.key) > 1 or row.key.isspace():
        raise InputError(f'"{row.key}" is no key: use one letter or digit, or none.')
    for other in others:
        if row.key and other.key == row.key:
            raise InputError(f'The key {row.key} belongs to "{other.name}": choose another.')


def _make(
    session: Session, project_id: int, names: list[str], others: dict[str, Label]
) -> dict[str, Label]:
    """Make labels with so many statements for any number of them."""
    deleted, taken = _deleted(session, project_id, names), {each.key for each in others.values()}
    last = select(func.max(LabelRow.position)).where(LabelRow.project_id == project_id)
    position, rows = session.scalar(last) or 0, []
    for number, name in enumerate(names):
        row = deleted.get(name) or LabelRow(
            project_id=project_id,
            name=name,
            color=PALETTE[(len(others) + number) % len(PALETTE)],
            key="",
            description="",
            positive="",
            negative="",
        )
        row.is_deleted, row.merged_into = False, None
        row.position = position + number + 1
        if row.key in taken or not row.key:
            row.key = next((key for key in _wished(row.name) if key not in taken), "")
        taken.add(row.key)
        rows.append(row)
    session.add_all(rows)
    session.flush()
    return {row.name: _label(row) for row in rows}


def _wished(name: str) -> str:
    """Return the keys that a label may get, the best first: a grade has its own digit."""
    return name + KEYS if len(name) == 1 and name in "0" + KEYS else KEYS


def _deleted(session: Session, project_id: int, names: list[str]) -> dict[str, LabelRow]:
    """A label that is added again comes back as it was: colour, key and guideline."""
    of_names = select(LabelRow).where(LabelRow.project_id == project_id, LabelRow.is_deleted)
    return {
        row.name: row
        for chunk in chunks(names)
        for row in session.scalars(of_names.where(LabelRow.name.in_(chunk)))
    }


def _label(row: LabelRow) -> Label:
    return Label(row.name, row.color, row.key, row.description, row.id, row.positive, row.negative)


def _free(session: Session, row: LabelRow) -> None:
    """Take a name from a deleted label, so that another may bear it."""
    query = select(LabelRow).where(
        LabelRow.project_id == row.project_id, LabelRow.name == row.name, LabelRow.id != row.id
    )
    if gone := session.scalar(query):
        gone.name = f"{gone.name[:150]} (deleted {gone.id})"
        session.flush([gone])
