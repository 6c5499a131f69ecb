"""The steps that an annotator can undo and redo over a whole project, inside a transaction.

They follow from the journal by the rules of ``storage.journal.stacks``; kept beside it, so that
neither a save nor an undo has to read it whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    Integer,
    Row,
    ScalarSelect,
    Select,
    bindparam,
    delete,
    insert,
    select,
    union_all,
    update,
)
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
# As many of the newest steps may have come before one that was made earlier: each document's edits
# come in their order, those of several documents as the network has it.
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
    if undoes and (step := _find(session, owner, document, undoes, DONE)):
        n = _after(_recent(session, owner))
        _turn(session, step, turn=name, n=n, journal_id=journal, state=UNDONE)
    elif redoes and (step := _find(session, owner, document, redoes, UNDONE)):
        n = _after(_recent(session, owner))
        _turn(session, step, op=name, turn="", n=n, journal_id=journal, state=DONE)
    else:
        n = _push(session, owner, name, document_id=document, journal_id=journal)
    return n


def record_action(session: Session, owner: Owner, action: int) -> None:
    """Take note of an action as one step."""
    _push(session, owner, f"action:{action}", action_id=action)


def turn_action(session: Session, owner: Owner, step: StepRow, action: int) -> None:
    """Put an action's step on the other stack; ``action`` is the one that reversed it."""
    state = UNDONE if step.state == DONE else DONE
    _turn(session, step, action_id=action, n=_after(_recent(session, owner)), state=state)


def drop(session: Session, step: StepRow) -> None:
    """Forget a step that cannot be taken back any more."""
    session.execute(delete(StepRow).where(StepRow.id == step.id))


def newest(session: Session, owner: Owner, state: str) -> StepRow | None:
    """Return the step that is next to be undone (state "done") or redone ("undone")."""
    query = _of(state).order_by(StepRow.n.desc()).limit(1)
    return session.scalar(query, _whose(owner))


def stacks(
    session: Session, owner: Owner, document: int, names: Mapping[int, str], whole: bool = True
) -> Stacks:
    """Return a document's steps and the newest ones elsewhere.

    ``names`` has the project's labels by id: inverses come with the names of today. Without
    ``whole`` only what is elsewhere is told.
    """
    undo = _here(session, owner, document, DONE, names) if whole else ()
    redo = _here(session, owner, document, UNDONE, names) if whole else ()
    elsewhere = _elsewhere(session, owner, document)
    return Stacks(undo, redo, elsewhere.get(DONE), elsewhere.get(UNDONE))


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


def _find(session: Session, owner: Owner, document: int, name: str, state: str) -> StepRow | None:
    for column in (StepRow.op, StepRow.first, StepRow.turn):
        query = _of(state).where(column == name, StepRow.document_id == document)
        if step := session.scalar(query.order_by(StepRow.n.desc()).limit(1), _whose(owner)):
            return step
    return None


def _turn(session: Session, step: StepRow, **values: Any) -> None:
    session.execute(update(StepRow).where(StepRow.id == step.id).values(**values))


def _recent(session: Session, owner: Owner) -> Sequence[Row[int, str, int, str]]:
    """Return the newest steps that can be undone, and the newest that can be redone."""
    return session.execute(_RECENT, _whose(owner)).all()


def _after(recent: Sequence[Row[int, str, int, str]]) -> int:
    return max((step.n for step in recent), default=0) + 1


def _push(session: Session, owner: Owner, name: str, **place: int) -> int:
    """Put a step on top of those that can be undone, where none can be redone any more."""
    recent = _recent(session, owner)
    session.execute(_FORGET_UNDONE, _whose(owner))
    n = _after(recent)
    for step in sorted(recent, key=attrgetter("n"), reverse=True):
        if step.state == DONE and _made_before(name, step.op):
            session.execute(update(StepRow).where(StepRow.id == step.id).values(n=n))
            n = step.n
    whose = {"project_id": owner.project, "annotator": owner.annotator}
    row = {"op": name, "first": name, "turn": "", "n": n, "state": DONE}
    session.execute(insert(StepRow), whose | row | place)
    return n


def _made_before(name: str, other: str) -> bool:
    client, _, seq = name.rpartition(":")
    author, _, number = other.rpartition(":")
    return client == author and int(seq) < int(number)


def _here(
    session: Session, owner: Owner, document: int, state: str, names: Mapping[int, str]
) -> tuple[Step, ...]:
    """Return those of a document's steps that travel, the next one last."""
    found = session.execute(_HERE[state], _whose(owner) | _where(document))
    edits = [each for each in found if each.journal_id is not None]
    inverses = _inverses(session, [each.journal_id for each in edits], names)
    steps = (Step(op, inverses[row], n, document) for n, op, row in reversed(edits))
    return tuple(steps)


def _elsewhere(session: Session, owner: Owner, document: int) -> dict[str, dict[str, Any]]:
    """Return by state the newest step of another document, of an action, or beyond those sent."""
    found = session.execute(_ELSEWHERE, _whose(owner) | _where(document))
    return {
        step.state: {
            "op": step.op,
            "n": step.n,
            "document": step.document_id,
            "title": _title(session, step, entry, document, action),
        }
        for step, entry, document, action in found
    }


def title_of(session: Session, step: StepRow) -> str:
    """Say in words what a step did, and where."""
    found = session.execute(_described().where(StepRow.id == step.id)).one()
    return _title(session, *found)


def _whose(owner: Owner) -> dict[str, Any]:
    return {"project": owner.project, "annotator": owner.annotator}


def _where(document: int) -> dict[str, int]:
    return {"document": document, "kept": KEPT}


def _of(state: str) -> Select[StepRow]:
    """Select an annotator's steps in a project; takes ``_whose``."""
    return select(StepRow).where(*_MINE, StepRow.state == state)


def _steps_here(state: str) -> Select[int]:
    """Select a document's steps, the newest first; takes ``_where`` besides."""
    mine = StepRow.document_id == _DOCUMENT, StepRow.annotator == _ANNOTATOR
    return select(StepRow.n).where(*mine, StepRow.state == state).order_by(StepRow.n.desc())


def _newest_elsewhere(state: str) -> ScalarSelect[int]:
    others = (StepRow.document_id != _DOCUMENT) | StepRow.document_id.is_(None)
    # The first of those that do not travel tells where what is elsewhere begins.
    unsent = _steps_here(state).offset(_KEPT).limit(1).correlate(None)
    beyond = StepRow.n <= unsent.scalar_subquery()
    query = _of(state).with_only_columns(StepRow.id).where(others | beyond)
    return query.order_by(StepRow.n.desc()).limit(1).correlate(None).scalar_subquery()


def _newest(state: str, most: int) -> Select[Any]:
    columns = StepRow.id, StepRow.op, StepRow.n, StepRow.state
    newest = _of(state).with_only_columns(*columns).order_by(StepRow.n.desc()).limit(most)
    return select(newest.subquery())


def _described() -> Select[StepRow, JournalRow, DocumentRow, ActionRow]:
    """Select steps, each with its entry in the journal and its document, else with its action."""
    return (
        select(StepRow, JournalRow, DocumentRow, ActionRow)
        .outerjoin(JournalRow, JournalRow.id == StepRow.journal_id)
        .outerjoin(DocumentRow, DocumentRow.id == JournalRow.document_id)
        .outerjoin(ActionRow, ActionRow.id == StepRow.action_id)
    )


def _title(
    session: Session,
    step: StepRow,
    entry: JournalRow,
    document: DocumentRow,
    action: ActionRow | None,
) -> str:
    if action is not None:
        return action.title
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


# What every save asks is built once: to build it takes SQLAlchemy longer than the answer takes.
_ANNOTATOR: BindParameter[str] = bindparam("annotator")
_DOCUMENT: BindParameter[int] = bindparam("document")
_KEPT: BindParameter[int] = bindparam("kept", type_=Integer)
_MINE = StepRow.project_id == bindparam("project"), StepRow.annotator == _ANNOTATOR
# Asked state by state, as the index has them: all of an annotator's may be many thousand.
_RECENT = union_all(_newest(DONE, LATE), _newest(UNDONE, 1))
_FORGET_UNDONE = (
    delete(StepRow)
    .where(*_MINE, StepRow.state == UNDONE)
    .execution_options(synchronize_session=False)
)
_HERE = {
    state: _steps_here(state).add_columns(StepRow.op, StepRow.journal_id).limit(_KEPT)
    for state in (DONE, UNDONE)
}
_ELSEWHERE = _described().where(StepRow.id.in_([_newest_elsewhere(s) for s in (DONE, UNDONE)]))
