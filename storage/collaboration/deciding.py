"""Which policy a project has, what another one would leave open, and the change to it.

A change marks all documents anew in short turns, so that nobody waits who saves an edit; whoever
edits a document meanwhile has it marked by the new policy at once. One that is broken off goes on
where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.collaboration.rules import gold
from storage.collaboration.rules.policies import Gold, Policy
from storage.corpus import validation
from storage.corpus.projects import gold_key, required
from storage.database.connection import Database
from storage.engines.queries import CHUNK, uncollected
from storage.engines.schema import AnnotationRow, DocumentRow, SettingRow
from storage.errors import InputError
from storage.permissions import Ability, needs
from storage.types import Status

# Seconds between two turns: who waits for one looks as often as that.
BREATH = 0.02
Progress = Callable[[int], None]
"""Is told after each turn how many documents are marked anew by now."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a policy would make of a project: documents that somebody finished, by whether they
    would have gold labels.
    """

    finished: int
    without: int


def policy(db: Database, project_id: int) -> Policy:
    """Return a project's policy; raises NotFoundError."""
    with db.read() as session:
        return gold.of(required(session, project_id))


def is_pending(db: Database, project_id: int) -> bool:
    """Tell whether a change of the policy was broken off, or is under way."""
    with db.read() as session:
        row = session.get(SettingRow, gold_key(project_id))
        return row is not None and row.value["after"] is not None


def look(db: Database, project_id: int, policy: Policy) -> Outlook:
    """Say what a policy would leave without gold labels; nothing is changed."""
    _check(policy)
    finished = without = 0
    with db.read() as session, uncollected():
        required(session, project_id)
        for documents in _finished(session, project_id):
            finished += len(documents)
            without += gold.count_without(session, policy, documents)
    return Outlook(finished, without)


@needs(Ability.MANAGE)
def set_policy(
    db: Database, project_id: int, policy: Policy, progress: Progress = lambda done: None
) -> None:
    """Let another policy say whose labels count; raises NotFoundError, InputError."""
    _check(policy)
    with db.write() as session:
        row = required(session, project_id, turn=True)
        row.gold, row.gold_annotator = str(policy.kind), policy.annotator
        _note(session, project_id, 0)
    go_on(db, project_id, progress)


@needs(Ability.MANAGE)
def go_on(db: Database, project_id: int, progress: Progress = lambda done: None) -> None:
    """Mark the documents that a change has not come to yet; raises NotFoundError.

    What is newest is told by the journal, so that it is found again after any other policy.
    """
    done = 0
    with uncollected():
        while marked := _turn(db, project_id):
            done += marked
            progress(done)
            time.sleep(BREATH)


def _turn(db: Database, project_id: int) -> int:
    """Mark the next documents under one turn; return how many, 0 where all are marked."""
    with db.write() as session:
        row = required(session, project_id, turn=True)
        noted = session.get(SettingRow, gold_key(project_id))
        after = noted.value["after"] if noted else None
        if after is None:
            return 0
        query = select(DocumentRow.id).where(
            DocumentRow.project_id == project_id, DocumentRow.id > after
        )
        documents = list(session.scalars(query.order_by(DocumentRow.id).limit(CHUNK)))
        gold.settle(session, gold.of(row), documents)
        _note(session, project_id, documents[-1] if documents else None)
        return len(documents)


def _note(session: Session, project_id: int, after: int | None) -> None:
    """Note up to which document all are marked, None at the end.

    Whoever keeps what follows from gold sees by ``stamp`` that a part is another, and by
    ``settled`` that a whole change is done.
    """
    known, stamp = session.get(SettingRow, gold_key(project_id)), uuid4().hex
    settled = known.value["settled"] if known else ""
    value = {"after": after, "stamp": stamp, "settled": stamp if after is None else settled}
    session.merge(SettingRow(key=gold_key(project_id), value=value))


def _finished(session: Session, project_id: int) -> Iterator[Sequence[int]]:
    """Yield the documents that somebody has finished, in import order, by chunks."""
    after = 0
    while True:
        query = (
            select(DocumentRow.id)
            .join(AnnotationRow, AnnotationRow.document_id == DocumentRow.id)
            .where(DocumentRow.project_id == project_id, DocumentRow.id > after)
            .where(AnnotationRow.status == Status.DONE)
        )
        found = session.scalars(query.distinct().order_by(DocumentRow.id).limit(CHUNK)).all()
        if not found:
            return
        yield found
        after = found[-1]


def _check(policy: Policy) -> None:
    if policy.kind is Gold.PERSON:
        validation.person(policy.annotator)
    elif policy.annotator:
        raise InputError("Only one person's labels have a person: name none for another policy.")
