"""Of which documents somebody is told no suggestions until they have finished them, and why.

Who starts blind from what a model suggests is to be shown nothing that another one labelled, nor
what has learned from it. What a model knows of a project ends with an entry of the journal
(``runs.journal_id``): whatever somebody has labelled later, it cannot have learned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.collaboration.rules import starts
from storage.collaboration.rules.starts import Start
from storage.engines.queries import chunks
from storage.engines.schema import AnnotationRow, DocumentScoreRow, JournalRow, RunRow
from storage.types import Merged, RunKind, RunState, Status

UNLEARNED = (RunKind.ZERO_SHOT, RunKind.WORDS, RunKind.WORD_LIST)
"""What makers of these kinds say of a document follows from no labels of it."""
NEVER, ALWAYS = -1.0, float("inf")
"""Entries before which nobody, and after which everybody, has labelled; 0 is for imports."""


class Withheld(StrEnum):
    """Why nothing is suggested."""

    BARE = "bare"
    """Its annotator starts from the text alone."""
    LEARNED = "learned"
    """What is suggested may have learned from what others labelled in it."""


def withheld(
    session: Session, documents: Iterable[int], annotator: str, run: int | None = None
) -> dict[int, Withheld]:
    """Return those documents of which somebody is told no suggestions, each with the reason.

    Suggestions are those that are stored, or what the model of ``run`` would say.
    """
    blind = starts.blind(session, ((id, annotator) for id in documents))
    found: dict[int, Withheld] = {}
    for chunk in chunks(id for id, _ in blind):
        done = _done(session, chunk, annotator)
        open_ones = [id for id in chunk if id not in done]
        led = [id for id in open_ones if blind[id, annotator] is Start.SUGGESTIONS]
        found |= dict.fromkeys(set(open_ones) - set(led), Withheld.BARE)
        known = _known(session, led) if run is None else dict.fromkeys(led, _end(session, run))
        began = _began(session, led, annotator)
        learned = (id for id, first in began.items() if first <= known.get(id, NEVER))
        found |= dict.fromkeys(learned, Withheld.LEARNED)
    return found


def _done(session: Session, documents: Sequence[int], annotator: str) -> set[int]:
    query = select(AnnotationRow.document_id).where(
        AnnotationRow.document_id.in_(documents),
        AnnotationRow.annotator == annotator,
        AnnotationRow.status == Status.DONE,
    )
    return set(session.scalars(query))


def _end(session: Session, run: int) -> float:
    """Return the newest entry that a run's model can have learned."""
    newest = session.scalar(select(RunRow.journal_id).where(RunRow.id == run))
    return ALWAYS if newest is None else newest


def _known(session: Session, documents: Sequence[int]) -> dict[int, float]:
    """Return the newest entry that each document's suggestions can follow from.

    A coach suggests only for what is to do, which it has not learned, or no longer; but it goes
    on from a training, which may have.
    """
    columns = DocumentScoreRow.document_id, RunRow.kind, RunRow.journal_id, RunRow.project_id
    query = select(*columns).join(RunRow, RunRow.id == DocumentScoreRow.run_id)
    found: dict[int, float] = {}
    trained: dict[int, float] = {}
    for id, kind, entry, project in session.execute(
        query.where(DocumentScoreRow.document_id.in_(documents))
    ):
        if kind in UNLEARNED:
            continue
        if kind == RunKind.COACH:
            if project not in trained:
                trained[project] = _trained(session, project)
            found[id] = trained[project]
        else:
            found[id] = ALWAYS if entry is None else entry
    return found


def _trained(session: Session, project: int) -> float:
    """Return the newest entry that any training of a project knows."""
    query = select(func.max(RunRow.journal_id)).where(
        RunRow.project_id == project,
        RunRow.kind == RunKind.TRAINING,
        RunRow.state == RunState.DONE,
    )
    newest = session.scalar(query)
    return NEVER if newest is None else newest


def _began(session: Session, documents: Sequence[int], annotator: str) -> dict[int, int]:
    """Return the entry with which others began each document that they have labelled.

    0 where somebody's version did not begin with an edit: it came with an import.
    """
    others = AnnotationRow.annotator.not_in((annotator, str(Merged.MAJORITY)))
    versions = select(AnnotationRow.document_id, AnnotationRow.annotator).where(
        AnnotationRow.document_id.in_(documents), others
    )
    entries = _first_entries(session, documents)
    found: dict[int, int] = {}
    for id, name in session.execute(versions):
        first = entries.get((id, name), 0)
        found[id] = min(first, found.get(id, first))
    return found


def _first_entries(session: Session, documents: Sequence[int]) -> dict[tuple[int, str], int]:
    """Return by document and annotator the entry before which nothing was there."""
    first = (
        select(func.min(JournalRow.id))
        .where(JournalRow.document_id.in_(documents))
        .group_by(JournalRow.document_id, JournalRow.annotator)
    )
    columns = JournalRow.document_id, JournalRow.annotator, JournalRow.id, JournalRow.inverse
    rows = session.execute(select(*columns).where(JournalRow.id.in_(first)))
    fresh = Status.UNTOUCHED
    return {(id, name): entry for id, name, entry, was in rows if was.get("status") == fresh}
