"""All finished versions of a project's documents, as arrays: what agreement is computed from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from storage.collaboration.rules import imported as rules
from storage.collaboration.rules.starts import Start
from storage.corpus import labels
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import (
    AnnotationRow,
    AssignmentRow,
    DocumentRow,
    ProjectRow,
    QueueRow,
    SpanRow,
    TokensRow,
)
from storage.finding.sets import memberships
from storage.permissions import Ability, needs
from storage.types import Merged, Source, Status

# What nobody has looked at is nobody's answer.
DRAWN = (Source.SAMPLED, Source.MINED)
# The first 19 characters of a moment are its seconds: "2026-11-28T11:00:00".
SECONDS = 19


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """People's finished versions; what the arrays hold says ``engine.agreement.Versions``."""

    people: tuple[str, ...]
    labels: tuple[str, ...]
    documents: np.ndarray
    sizes: np.ndarray
    tokens: np.ndarray
    token_counts: np.ndarray
    finished: np.ndarray
    when: np.ndarray
    marks: np.ndarray
    """int64 of shape (marks, 5): places of person and document, start, end, place of label."""
    left_out: int
    """Documents that are asked for and were left out by drawing some of them."""
    has_imported: bool
    """Whether the last of the people is none, but what was imported."""


@needs(Ability.REVIEW)
def read(
    db: Database,
    project_id: int,
    most: int | None = None,
    beside: Collection[int] = (),
    tokens: bool = True,
    imported: bool = False,
) -> Finished:
    """Return who said what of the documents that two people or more have finished.

    Those that bring annotators with them in an import are people, too; those of ``Merged`` are
    none. What was ``imported`` as nobody's is one more side where it is asked for, the last.
    Of more documents than ``most`` so many are drawn, always the same. Documents of ``beside``, of
    which somebody else has said something, are there with one person's version. Marks of labels
    that were merged have the heir's name; those of deleted ones are none.
    """
    with db.read() as session:
        versions = _versions(session, project_id, imported)
        documents, left_out = _asked(versions, most, np.array(sorted(beside), np.int64))
        names = labels.heirs(session, project_id)
        known = list(labels.names(session, project_id).values())
        kept = [each.of(documents) for each in versions]
        marks, nobodys = _marks(session, [each.ids for each in kept], names, known)
        sizes, edges, counts = _texts(session, documents, tokens)
    finished = np.zeros((len(kept), len(documents)), bool)
    when = np.full(finished.shape, np.datetime64("NaT", "s"))
    for person, each in enumerate(kept):
        own = ~np.isin(each.ids, nobodys)
        places = np.searchsorted(documents, each.documents[own])
        finished[person, places], when[person, places] = True, each.when[own]
    people = tuple(each.name for each in versions)
    rows = _placed(marks, kept, documents)
    return Finished(
        *(people, tuple(known), documents, sizes, edges, counts, finished, when, rows, left_out),
        has_imported=bool(versions) and versions[-1].is_imported,
    )


@needs(Ability.REVIEW)
def shown(db: Database, project_id: int) -> set[int]:
    """Return the documents that somebody finished who had been shown the labels that were there.

    As their queue says now, else the project: what people started from then is not kept. Who came
    to a document first saw nobody's.
    """
    own, before, other = AnnotationRow, aliased(AnnotationRow), aliased(AnnotationRow)
    # At most one of a document's is current: where there are two, an index knows the document.
    of_several = own.document_id.in_(select(other.document_id).where(~other.is_current))
    with db.read() as session:
        came = rules.condition(rules.names(session, project_id))
        given = (AssignmentRow.document_id == own.document_id) & (
            AssignmentRow.annotator == own.annotator
        )
        start = func.coalesce(QueueRow.start, ProjectRow.start)
        earlier = exists().where(before.document_id == own.document_id, before.id < own.id)
        query = (
            select(own.document_id)
            .join(DocumentRow, DocumentRow.id == own.document_id)
            .join(ProjectRow, ProjectRow.id == DocumentRow.project_id)
            .outerjoin(AssignmentRow, given)
            .outerjoin(QueueRow, QueueRow.id == AssignmentRow.queue_id)
            .where(DocumentRow.project_id == project_id, own.status == Status.DONE)
            # What a file brought with its annotators was labelled elsewhere.
            .where(own.revision > 0, own.annotator.not_in(list(Merged)), ~came)
            .where(start == Start.OPEN, of_several, earlier)
        )
        return set(session.scalars(query.distinct()))


@dataclass(frozen=True, slots=True, eq=False)
class _Version:
    """What one person has finished: ids of documents, ascending, and of their annotations."""

    name: str
    documents: np.ndarray
    ids: np.ndarray
    when: np.ndarray
    is_imported: bool

    def of(self, documents: np.ndarray) -> _Version:
        which = np.isin(self.documents, documents)
        documents, ids, when = (each[which] for each in (self.documents, self.ids, self.when))
        return replace(self, documents=documents, ids=ids, when=when)


def _versions(session: Session, project_id: int, imported: bool) -> list[_Version]:
    """Return what each person has finished, by name, and what was imported last if asked for."""
    names = rules.names(session, project_id)
    done = (
        select(
            AnnotationRow.id,
            AnnotationRow.document_id,
            rules.whose(names).label("name"),
            rules.condition(names).label("came"),
            func.substr(AnnotationRow.updated_at, 1, SECONDS).label("moment"),
        )
        .join(DocumentRow, DocumentRow.id == AnnotationRow.document_id)
        .where(DocumentRow.project_id == project_id, AnnotationRow.status == Status.DONE)
        .where(AnnotationRow.annotator.not_in(list(Merged)))
    )
    if not imported:
        done = done.where(~rules.condition(names))
    row = done.subquery().c
    moments: ColumnElement[str] = func.aggregate_strings(row.moment, ",")
    lists = memberships.joined(row.document_id), memberships.joined(row.id), moments
    found = []
    for came, name, documents, ids, when in sorted(
        map(tuple, session.execute(select(row.came, row.name, *lists).group_by(row.came, row.name)))
    ):
        each = memberships.parsed(documents)
        order = np.argsort(each)
        seconds = np.array(when.split(","), "datetime64[s]")
        parts = each[order], memberships.parsed(ids)[order], seconds[order]
        found.append(_Version(name, *parts, bool(came)))
    return found


def _asked(
    versions: list[_Version], most: int | None, beside: np.ndarray
) -> tuple[np.ndarray, int]:
    """Return the documents of which several have said something, and how many were left out."""
    every = np.concatenate([np.zeros(0, np.int64), *(each.documents for each in versions)])
    known, people = np.unique(every, return_counts=True)
    asked = known[people + np.isin(known, beside) > 1]
    if most is None or len(asked) <= most:
        return asked, 0
    drawn = np.random.default_rng(0).choice(asked, most, replace=False)
    return np.sort(drawn), len(asked) - most


def _marks(
    session: Session, ids: list[np.ndarray], names: dict[int, str], known: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return marks as (annotation, start, end, label), and annotations that are nobody's."""
    columns = SpanRow.annotation_id, SpanRow.start, SpanRow.end, SpanRow.label_id
    query = select(*columns, SpanRow.source.in_(DRAWN))
    connection = session.connection()
    parts = [np.zeros((0, 5), np.int64)]
    for chunk in chunks(each for one in ids for each in one.tolist()):
        rows = connection.execute(query.where(SpanRow.annotation_id.in_(chunk))).all()
        parts.append(np.array([tuple(row) for row in rows], np.int64).reshape(-1, 5))
    table = np.concatenate(parts)
    nobodys = np.unique(table[table[:, 4] > 0, 0])
    heirs = {name: place for place, name in enumerate(known)}
    place = {id: heirs[name] for id, name in names.items()}
    used, inverse = np.unique(table[:, 3], return_inverse=True)
    table[:, 3] = np.array([place.get(id, -1) for id in used.tolist()], np.int64)[inverse]
    there = (table[:, 3] >= 0) & ~np.isin(table[:, 0], nobodys)
    return table[there, :4], nobodys


def _placed(marks: np.ndarray, versions: list[_Version], documents: np.ndarray) -> np.ndarray:
    """Return marks with the places of people and documents for their annotations."""
    ids = np.concatenate([np.zeros(0, np.int64), *(each.ids for each in versions)])
    owner = np.repeat(np.arange(len(versions)), [len(each.ids) for each in versions])
    about = np.concatenate([np.zeros(0, np.int64), *(each.documents for each in versions)])
    order = np.argsort(ids)
    at = order[np.searchsorted(ids[order], marks[:, 0])]
    places = np.searchsorted(documents, about[at])
    return np.column_stack([owner[at], places, marks[:, 1], marks[:, 2], marks[:, 3]])


def _texts(
    session: Session, documents: np.ndarray, tokens: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how long each text is, the tokens of all, and how many each has."""
    sizes = dict(_chunked(session, documents, DocumentRow.id, func.length(DocumentRow.text)))
    edges: dict[int, list[int]] = {}
    if tokens:
        edges = dict(
            _chunked(session, documents, TokensRow.document_id, TokensRow.boundaries.expression)
        )
    flat = [np.array(edges.get(id, ()), np.int64) for id in documents.tolist()]
    every = np.concatenate([np.zeros(0, np.int64), *flat]).reshape(-1, 2)
    long = np.array([sizes[id] for id in documents.tolist()], np.int64)
    return long, every, np.array([len(each) // 2 for each in flat], np.int64)


def _chunked(
    session: Session, ids: np.ndarray, key: InstrumentedAttribute[int], value: ColumnElement[Any]
) -> Iterator[tuple[int, Any]]:
    for chunk in chunks(ids.tolist()):
        rows = session.execute(select(key, value).where(key.in_(chunk)))
        yield from map(tuple, rows)
