"""The steps that an annotator can undo and redo over a whole project, inside a transaction.

They follow from the journal by the rules of ``storage.journal.stacks``; kept beside it, so that
neither a save nor an undo has to read it whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from storage.engines.schema import (
    ActionRow,
    AnnotationRow,
    DocumentRow,
    JournalRow,
    LabelRow,
    SpanRow,
    StepRow,
)
from storage.journal.editing import describe
from storage.journal.stacks import Stacks, Step

DONE, UNDONE = "done", "undone"
# How many steps of undo and redo travel with each answer.
KEPT = 200
# As many of the newest steps may have come before one that was made earlier.
LATE = 64


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose steps: an annotator's in a project."""

    project: int
    annotator: str


def record(
    session: Session, owner: Owner, document: int, name: str, journal: int, row: Mapping[str, Any]
) -> int:
    """Take note of an edit of a document that the journal was just given; return its ``n``."""
    undoes, redoes = row.get("undoes"), row.get("redoes")
    n = _next(session, owner)
    if undoes and (step := _find(session, owner, document, undoes, DONE)):
        _turn(session, step, turn=name, n=n, journal_id=journal, state=UNDONE)
    elif redoes and (step := _find(session, owner, document, redoes, UNDONE)):
        _turn(session, step, op=name, turn="", n=n, journal_id=journal, state=DONE)
    else:
        n = _push(session, owner, n, name, document_id=document, journal_id=journal)
    return n


def record_action(session: Session, owner: Owner, action: int) -> None:
    """Take note of an action as one step."""
    _push(session, owner, _next(session, owner), f"action:{action}", action_id=action)


def turn_action(session: Session, owner: Owner, step: StepRow, action: int) -> None:
    """Put an action's step on the other stack; ``action`` is the one that reversed it."""
    state = UNDONE if step.state == DONE else DONE
    _turn(session, step, action_id=action, n=_next(session, owner), state=state)


def drop(session: Session, step: StepRow) -> None:
    """Forget a step that cannot be taken back any more."""
    session.execute(delete(StepRow).where(StepRow.id == step.id))


def newest(session: Session, owner: Owner, state: str) -> StepRow | None:
    """Return the step that is next to be undone (state "done") or redone ("undone")."""
    query = _of(owner, state).order_by(StepRow.n.desc()).limit(1)
    return session.scalar(query)


def stacks(
    session: Session, owner: Owner, document: int, names: Mapping[int, str], whole: bool = True
) -> Stacks:
    """Return a document's steps and the newest ones elsewhere.

    ``names`` has the project's labels by id: inverses come with the names of today. Without
    ``whole`` only what is elsewhere is told.
    """
    undo, undo_elsewhere = _stack(session, owner, document, DONE, names, whole)
    redo, redo_elsewhere = _stack(session, owner, document, UNDONE, names, whole)
    return Stacks(undo, redo, undo_elsewhere, redo_elsewhere)


def renamed(operation: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    """Return an inverse with the labels' names of today in the place of their ids."""
    known = dict(operation)
    if "operations" in known:
        known["operations"] = [renamed(part, names) for part in known["operations"]]
    if "span" in known:
        known["span"] = renamed(known["span"], names)
    label = known.pop("label_id", None)
    # A label that was deleted keeps its name here, and the edit is refused with it.
    return known | ({"label": names[label]} if label in names else {})


def identified(operation: Mapping[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
    """Return an inverse with each label's id beside its name."""
    known = dict(operation)
    if "operations" in known:
        known["operations"] = [identified(part, ids) for part in known["operations"]]
    if "span" in known:
        known["span"] = identified(known["span"], ids)
    return known | ({"label_id": ids[known["label"]]} if known.get("label") in ids else {})


def _of(owner: Owner, state: str) -> Select[StepRow]:
    return select(StepRow).where(
        StepRow.project_id == owner.project,
        StepRow.annotator == owner.annotator,
        StepRow.state == state,
    )


def _find(session: Session, owner: Owner, document: int, name: str, state: str) -> StepRow | None:
    for column in (StepRow.op, StepRow.first, StepRow.turn):
        query = _of(owner, state).where(column == name, StepRow.document_id == document)
        if step := session.scalar(query.order_by(StepRow.n.desc()).limit(1)):
            return step
    return None


def _turn(session: Session, step: StepRow, **values: Any) -> None:
    session.execute(update(StepRow).where(StepRow.id == step.id).values(**values))


def _next(session: Session, owner: Owner) -> int:
    last = select(func.max(StepRow.n)).where(
        StepRow.project_id == owner.project, StepRow.annotator == owner.annotator
    )
    return (session.scalar(last) or 0) + 1


def _push(session: Session, owner: Owner, n: int, name: str, **place: int) -> int:
    whose = {"project_id": owner.project, "annotator": owner.annotator}
    undone = delete(StepRow).where(
        StepRow.project_id == owner.project,
        StepRow.annotator == owner.annotator,
        StepRow.state == UNDONE,
    )
    session.execute(undone)
    n = _make_room(session, owner, n, name)
    row = {"op": name, "first": name, "turn": "", "n": n, "state": DONE}
    session.execute(insert(StepRow), whose | row | place)
    return n


def _make_room(session: Session, owner: Owner, n: int, name: str) -> int:
    """Return the place of a step among those that its client made later and sent earlier.

    Each document's edits come in their order, those of several documents as the network has it.
    """
    newest_first = _of(owner, DONE).order_by(StepRow.n.desc()).limit(LATE)
    recent = session.execute(newest_first.with_only_columns(StepRow.id, StepRow.op, StepRow.n))
    for id, op, place in recent.all():
        if _made_before(name, op):
            session.execute(update(StepRow).where(StepRow.id == id).values(n=n))
            n = place
    return n


def _made_before(name: str, other: str) -> bool:
    client, _, seq = name.rpartition(":")
    author, _, number = other.rpartition(":")
    return client == author and int(seq) < int(number)


def _stack(
    session: Session,
    owner: Owner,
    document: int,
    state: str,
    names: Mapping[int, str],
    whole: bool,
) -> tuple[tuple[Step, ...], Mapping[str, Any] | None]:
    here = (
        select(StepRow.op, StepRow.n, StepRow.journal_id)
        .where(
            StepRow.document_id == document,
            StepRow.annotator == owner.annotator,
            StepRow.state == state,
        )
        .order_by(StepRow.n.desc())
    )
    # The first of those that do not travel tells where what is elsewhere begins.
    found = session.execute(here.limit(KEPT + 1) if whole else here.offset(KEPT).limit(1)).all()
    shown, rest = (found[:KEPT], found[KEPT:]) if whole else ([], found)
    elsewhere = _elsewhere(session, owner, document, state, rest[0].n if rest else 0)
    edits = [(op, n, row) for op, n, row in shown if row is not None]
    inverses = _inverses(session, [row for _, _, row in edits], names)
    steps = (Step(op, inverses[row], n, document) for op, n, row in reversed(edits))
    return tuple(steps), elsewhere


def _elsewhere(
    session: Session, owner: Owner, document: int, state: str, older: int
) -> dict[str, Any] | None:
    """Return the newest step of another document, of an action, or beyond those sent."""
    others = (StepRow.document_id != document) | StepRow.document_id.is_(None)
    beyond = StepRow.n <= older
    query = _of(owner, state).where(others | beyond).order_by(StepRow.n.desc()).limit(1)
    step = session.scalar(query)
    if step is None:
        return None
    title = title_of(session, step)
    place = {"op": step.op, "n": step.n, "document": step.document_id}
    return place | {"title": title}


def title_of(session: Session, step: StepRow) -> str:
    """Say in words what a step did, and where."""
    if step.action_id is not None:
        return session.get_one(ActionRow, step.action_id).title
    entry = session.get_one(JournalRow, step.journal_id)
    document = session.get_one(DocumentRow, entry.document_id)
    did, undid = entry.operation, entry.inverse
    if step.state == UNDONE:
        did, undid = undid, did
    words = describe(did, undid, _named(session, entry, document.text))
    return words + (f" in {document.name}" if document.name else "")


def _named(session: Session, entry: JournalRow, text: str) -> dict[str, str] | None:
    """Return label and quote of the span that an edit only names, where it is still there."""
    uid = entry.operation.get("id")
    if uid is None or "span" in entry.inverse:
        return None
    query = (
        select(SpanRow.start, SpanRow.end, LabelRow.name)
        .join(AnnotationRow, AnnotationRow.id == SpanRow.annotation_id)
        .join(LabelRow, LabelRow.id == SpanRow.label_id)
        .where(
            AnnotationRow.document_id == entry.document_id,
            AnnotationRow.annotator == entry.annotator,
            SpanRow.uid == uid,
        )
    )
    found = session.execute(query).one_or_none()
    return found and {"label": found.name, "quote": text[found.start : found.end]}


def _inverses(
    session: Session, rows: list[int], names: Mapping[int, str]
) -> dict[int, dict[str, Any]]:
    if not rows:
        # Of most documents of a list: each would ask in vain.
        return {}
    query = select(JournalRow.id, JournalRow.inverse).where(JournalRow.id.in_(rows))
    return {id: renamed(inverse, names) for id, inverse in session.execute(query)}
