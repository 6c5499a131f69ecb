"""New numbers for an archive's rows where the database has given theirs already.

All numbers of a table move by the same distance, which is 0 in a home that never had them: there
a project comes in exactly as it was. What speaks of a number moves with it: foreign keys, names of
steps ("action:7"), labels inside of edits, documents inside of recorded changes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from storage.archives import tables
from storage.engines.schema import Base

_ACTION = "action"


@dataclass(frozen=True)
class Numbers:
    """How far each table's numbers move, and what clients are called that are known already."""

    distance: Mapping[str, int]
    clients: Mapping[str, str] = field(default_factory=dict)

    def of(self, table: str, number: int) -> int:
        """Return a row's new number."""
        return number + self.distance.get(table, 0)

    def move(self, table: Table, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row with all numbers that it has or speaks of."""
        moved = dict(row)
        for column, to in tables.referred(table).items():
            if isinstance(moved.get(column), int):
                moved[column] = self.of(to, moved[column])
        special = _SPECIAL.get(table.name)
        return special(self, moved) if special else moved

    def step(self, name: str | None) -> str | None:
        """Return the new name of a step: "action:id" or "client:seq"."""
        if not name:
            return name
        who, _, number = name.rpartition(":")
        if who == _ACTION and number.isdecimal():
            return f"{_ACTION}:{self.of('actions', int(number))}"
        return f"{self.clients.get(who, who)}:{number}" if who else name

    def labelled(self, edit: Any) -> Any:
        """Return an edit whose labels have their new numbers."""
        if isinstance(edit, dict):
            return {
                key: self.of("labels", value)
                if key == "label_id" and isinstance(value, int)
                else self.labelled(value)
                for key, value in edit.items()
            }
        return [self.labelled(each) for each in edit] if isinstance(edit, list) else edit


def between(source: Session, target: Session) -> Numbers:
    """Return the numbers that the rows of one database get in another one."""
    distance = {}
    for table in tables.of_project():
        if "id" in table.c:
            lowest = source.scalar(select(func.min(table.c.id)))
            highest = _highest(target, table)
            taken = lowest is not None and highest >= lowest
            distance[table.name] = highest - lowest + 1 if taken else 0
    return Numbers(distance, _clients(source, target))


def settle(session: Session) -> None:
    """Let a server's sequences go on behind the numbers that were given here."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in tables.of_project():
        if "id" in table.c:
            session.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                    f"GREATEST((SELECT max(id) FROM {table.name}), 1))"
                )
            )


def _highest(session: Session, table: Table) -> int:
    """Return the highest number that a table ever gave."""
    present = session.scalar(select(func.max(table.c.id))) or 0
    if session.get_bind().dialect.name == "postgresql":
        sequence = text("SELECT last_value FROM pg_sequences WHERE sequencename = :name")
        given = session.scalar(sequence, {"name": f"{table.name}_id_seq"})
    else:
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        given = session.scalar(query, {"name": table.name})
    return max(present, given or 0)


def _clients(source: Session, target: Session) -> dict[str, str]:
    journal = Base.metadata.tables["journal"]
    known: Collection[str] = set(target.scalars(select(journal.c.client).distinct()))
    own = source.scalars(select(journal.c.client).distinct()).all()
    renamed = {}
    for client in own:
        number, name = 1, client
        while name in known:
            number += 1
            name = f"{client[:56]}.{number}"
        if name != client:
            renamed[client] = name
    return renamed


def _journal(numbers: Numbers, row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "client": numbers.clients.get(row["client"], row["client"]),
        "undoes": numbers.step(row["undoes"]),
        "redoes": numbers.step(row["redoes"]),
        "operation": numbers.labelled(row["operation"]),
        "inverse": numbers.labelled(row["inverse"]),
    }


def _step(numbers: Numbers, row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: numbers.step(row[name]) for name in ("op", "first", "turn")}


def _action(numbers: Numbers, row: dict[str, Any]) -> dict[str, Any]:
    detail = dict(row["detail"])
    if "labels" in detail:
        detail["labels"] = {
            str(numbers.of("labels", int(id))): _label(numbers, fields)
            for id, fields in detail["labels"].items()
        }
    if "splits" in detail:
        detail["splits"] = [
            [before, after, [numbers.of("documents", id) for id in ids]]
            for before, after, ids in detail["splits"]
        ]
    # A request is answered once, in the home where it was made.
    return row | {"detail": detail, "request": None}


def _label(numbers: Numbers, fields: dict[str, Any]) -> dict[str, Any]:
    if "into" not in fields:
        return fields
    into = [id if id is None else numbers.of("labels", id) for id in fields["into"]]
    return fields | {"into": into}


def _report(numbers: Numbers, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"report": {**row["report"], "run": row["run_id"]}}


def _monitor(numbers: Numbers, row: dict[str, Any]) -> dict[str, Any]:
    settings = dict(row["settings"])
    for name in ("run", "second_run"):
        if isinstance(settings.get(name), int):
            settings[name] = numbers.of("runs", settings[name])
    # What it watches lies elsewhere, and whom it tells hears of it there.
    return row | {"settings": settings, "is_paused": True}


def _guideline(numbers: Numbers, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"labels": [_said(numbers, label) for label in row["labels"]]}


def _said(numbers: Numbers, label: dict[str, Any]) -> dict[str, Any]:
    shown = [
        each
        | {"id": numbers.of("label_examples", each["id"])}
        | {"document": each["document"] and numbers.of("documents", each["document"])}
        for each in label["examples"]
    ]
    return label | {"id": numbers.of("labels", label["id"]), "examples": shown}


_SPECIAL = {
    "guideline_versions": _guideline,
    "journal": _journal,
    "steps": _step,
    "actions": _action,
    "reports": _report,
    "monitors": _monitor,
}
