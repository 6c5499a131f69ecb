"""Matches of runs as rows of the database, and the facts that filters ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update

from storage.database.connection import Database
from storage.engines.schema import MatchRow
from storage.facts import Facts
from storage.runs import turns
from storage.types import ErrorKind, Match, Source, Span, Split

Find = Callable[[dict[Split, list[Match]]], Mapping[Split, Sequence[Facts]]]


def by_split(db: Database, run_id: int) -> dict[Split, list[Match]]:
    """Return all matches of a run, in the order of its report."""
    return _by_split(db, run_id)[1]


def _by_split(db: Database, run_id: int) -> tuple[dict[Split, list[int]], dict[Split, list[Match]]]:
    ids: dict[Split, list[int]] = {}
    matches: dict[Split, list[Match]] = {}
    with db.read() as session:
        query = select(MatchRow).where(MatchRow.run_id == run_id).order_by(MatchRow.id)
        for row in session.scalars(query):
            ids.setdefault(Split(row.split), []).append(row.id)
            matches.setdefault(Split(row.split), []).append(read(row))
    return ids, matches


def set_facts(db: Database, run_id: int, find: Find) -> None:
    """Store the facts of a run's matches, which ``find`` tells of all of them by split.

    Raises NotFoundError where the run was deleted meanwhile.
    """
    ids, matches = _by_split(db, run_id)
    found = find(matches)
    rows = [
        {"match": id, **_fact_columns(fact)}
        for split, known in ids.items()
        for id, fact in zip(known, found[split], strict=True)
    ]
    for group in turns.groups(rows):
        with turns.turn(db, run_id) as session:
            session.execute(_SET_FACTS, group)


def row_of(run_id: int, split: Split, match: Match, fact: Facts | None) -> dict[str, Any]:
    """Return the columns of a match; without facts these are empty."""
    gold, predicted = match.gold, match.predicted
    return {
        "run_id": run_id,
        "document_id": match.document,
        "split": split,
        "kind": match.kind,
        "gold_start": gold and gold.start,
        "gold_end": gold and gold.end,
        "gold_label": gold and gold.label,
        "predicted_start": predicted and predicted.start,
        "predicted_end": predicted and predicted.end,
        "predicted_label": predicted and predicted.label,
        "predicted_score": predicted and predicted.score,
        # Without facts each column is there and empty: all rows of an insert have the same.
        **_fact_columns(fact),
    }


_FACTS = [each.name for each in fields(Facts)]
# By the table and not by its class: ten thousands of rows at once.
_SET_FACTS = (
    update(table := cast(Table, MatchRow.__table__))
    .where(table.c.id == bindparam("match"))
    .values({name: bindparam(name) for name in _FACTS})
)


def _fact_columns(fact: Facts | None) -> dict[str, Any]:
    return {name: getattr(fact, name, None) for name in _FACTS}


def read(stored: MatchRow) -> Match:
    """Return the match of a row."""
    gold = predicted = None
    if stored.gold_label is not None:
        gold = Span(stored.gold_start or 0, stored.gold_end or 0, stored.gold_label)
    if stored.predicted_label is not None:
        predicted = Span(
            stored.predicted_start or 0,
            stored.predicted_end or 0,
            stored.predicted_label,
            source=Source.MODEL,
            score=stored.predicted_score,
        )
    return Match(stored.document_id, gold, predicted, ErrorKind(stored.kind))
