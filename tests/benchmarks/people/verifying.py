"""Whether all that people were told is saved is in the database, once, and in the documents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from storage.database.connection import Database
from storage.engines.schema import JournalRow
from storage.journal.annotations import open_annotation
from tests.benchmarks.people.log import Edit, Log

Marks = dict[str, tuple[int, int, str]]


def verify(db: Database, project: int, logs: Sequence[Log]) -> dict[str, Any]:
    """Return what is wrong, each kind as a list of sentences, and how many edits there were."""
    told = {key: edit for log in logs for key, edit in log.edits.items()}
    rows = _journal(db, project)
    times = Counter((row.client, row.seq) for row in rows)
    by_key = {(row.client, row.seq): row for row in rows}
    missing = [key for key in told if not times[key]]
    return {
        "edits": len(told),
        "lost": [_said(told[key]) for key in missing],
        "twice": [str(key) for key, number in times.items() if number > 1],
        "unasked": [str(key) for key in times if key not in told],
        "changed": [_said(edit) for key, edit in told.items() if not _same(edit, by_key.get(key))],
        "differing": [said for log in logs for said in _differing(db, log)],
        "broken": _broken(rows),
    }


def _journal(db: Database, project: int) -> list[JournalRow]:
    query = select(JournalRow).where(JournalRow.project_id == project).order_by(JournalRow.id)
    with db.read() as session:
        found = list(session.scalars(query))
        session.expunge_all()
        return found


def _said(edit: Edit) -> str:
    return f"{edit.annotator}, document {edit.document}: {edit.key}"


def _same(edit: Edit, row: JournalRow | None) -> bool:
    if row is None:
        return True  # It is lost, which is told of by itself.
    kept = row.operation
    sent = {name: value for name, value in edit.operation.items() if name in kept}
    whose = (row.annotator, row.document_id, row.revision)
    return whose == (edit.annotator, edit.document, edit.revision) and sent == kept


def _broken(rows: Iterable[JournalRow]) -> list[str]:
    """Return where an annotation's revisions do not follow each other."""
    last: dict[tuple[int, str], int] = {}
    found = []
    for row in rows:
        place = row.document_id, row.annotator
        if row.revision != row.base_revision + 1 or last.get(place, row.base_revision) != (
            row.base_revision
        ):
            found.append(f"{place}: {row.base_revision} to {row.revision}")
        last[place] = row.revision
    return found


def _differing(db: Database, log: Log) -> list[str]:
    """Return the documents that are not what a person's edits make of what they found."""
    by_document: defaultdict[int, list[Edit]] = defaultdict(list)
    for edit in log.edits.values():
        by_document[edit.document].append(edit)
    found = []
    for document, edits in by_document.items():
        stored = open_annotation(db, document, log.annotator)
        marks = {span.id: (span.start, span.end, span.label) for span in stored.spans}
        expected = _expected(log.begun.get(document, {}), edits)
        if (marks, str(stored.status)) != expected:
            said = f"{marks}, {stored.status} for {expected}"
            found.append(f"{log.annotator}, document {document}: {said}")
    return found


def _expected(begun: Mapping[str, Any], edits: Iterable[Edit]) -> tuple[Marks, str]:
    """Return marks and status after some edits: told by rules of this module's own."""
    marks = {each["id"]: (each["start"], each["end"], each["label"]) for each in begun["spans"]}
    status = begun["status"]
    for edit in sorted(edits, key=lambda each: each.revision):
        _apply(marks, edit.operation)
        usual = "in progress" if status == "untouched" else status
        status = edit.operation.get("status", usual)
    return marks, status


def _apply(marks: Marks, operation: Mapping[str, Any]) -> None:
    kind = operation["kind"]
    if kind == "batch":
        for part in operation["operations"]:
            _apply(marks, part)
    elif kind == "add":
        span = operation["span"]
        marks[span["id"]] = span["start"], span["end"], span["label"]
    elif kind == "remove":
        del marks[operation["id"]]
    elif kind == "relabel":
        start, end, _ = marks[operation["id"]]
        marks[operation["id"]] = start, end, operation["label"]
    elif kind == "move":
        marks[operation["id"]] = operation["start"], operation["end"], marks[operation["id"]][2]
