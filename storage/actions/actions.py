"""Actions: edits of many documents, or of the labels, as one step that can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.actions import project_changes
from storage.actions.document_edits import BulkEditor, ConditionalEdit, DocumentEdits
from storage.corpus import validation
from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.schema import ActionRow, JournalRow
from storage.errors import NotFoundError, RefusedError
from storage.journal import steps
from storage.journal.checks import Operation
from storage.journal.recording import Setting
from storage.journal.steps import Owner
from storage.types import Status


@dataclass(frozen=True, slots=True)
class Action:
    """One action. ``spans`` counts the edits made, ``skipped`` those that no longer fitted.

    ``reverses`` is the action that it took back; ``reversed_by`` the one that took it back,
    unless that one was taken back in turn.
    """

    id: int
    project_id: int
    annotator: str
    kind: str
    title: str
    documents: int
    spans: int
    skipped: int
    reverses: int | None
    reversed_by: int | None
    created_at: str
    takes_back: bool = False
    """Whether it undid something; what takes such a one back does the thing again."""


def list_actions(db: Database, project_id: int, limit: int = 100) -> list[Action]:
    """Return a project's actions, the newest first."""
    with db.read() as session:
        required(session, project_id)
        query = select(ActionRow).where(ActionRow.project_id == project_id)
        rows = session.scalars(query.order_by(ActionRow.id.desc()).limit(limit))
        chain = _chain(session, project_id)
        reversals, undoing = _reversals(chain), _undoing(chain)
        return [_action(row, reversals.get(row.id), row.id in undoing) for row in rows]


def apply(
    db: Database,
    project_id: int,
    annotator: str,
    kind: str,
    title: str,
    changes: Mapping[int, Sequence[Operation]],
    *,
    request: str | None = None,
    status: Status | None = None,
) -> Action:
    """Edit many documents of an annotator in one step.

    ``changes`` has the operations by document; those that no longer fit are left out and
    counted. The documents keep their status, or get ``status``, which may be all. A ``request``
    that was carried out before is answered and not repeated. Raises NotFoundError, InputError, and
    RefusedError where nothing fits: that would be a step that does nothing, and cost what can be
    redone.
    """
    annotator = validation.name(annotator, "annotator")
    with db.write() as session:
        required(session, project_id, turn=True)
        if request and (known := _of_request(session, request)):
            return read(session, known)
        targets = (
            DocumentEdits(
                document,
                annotator,
                [ConditionalEdit((operation,)) for operation in operations],
                status,
            )
            for document, operations in changes.items()
        )
        owner = Owner(project_id, annotator)
        action = perform(session, owner, kind, title, targets, claims=True, request=request)
        if not action.spans:
            raise RefusedError("Every one of these places has changed meanwhile: look again.")
        return action


def reverse(db: Database, action_id: int, annotator: str) -> Action:
    """Take an action back, however long ago it was, as an action of its own.

    What was changed since is left as it is and counted as skipped. Raises NotFoundError,
    RefusedError where it was taken back already.
    """
    annotator = validation.name(annotator, "annotator")
    with db.write() as session:
        return take_back(session, action_id, annotator, as_step=True)


def perform(
    session: Session,
    owner: Owner,
    kind: str,
    title: str,
    targets: Iterable[DocumentEdits],
    *,
    claims: bool = False,
    detail: Mapping[str, Any] | None = None,
    request: str | None = None,
) -> Action:
    """Carry out an action as part of a larger write and return it."""
    row = _begin(session, owner, kind, title, detail or {}, request)
    editor = BulkEditor(session, Setting.of(session, owner.project), row.id, claims)
    editor.apply(targets)
    _finish(session, row, editor)
    steps.record_action(session, owner, row.id)
    return read(session, row.id)


def take_back(session: Session, action_id: int, annotator: str, as_step: bool) -> Action:
    """Reverse an action as part of a larger write; ``as_step``: this can be undone in turn."""
    old = session.get(ActionRow, action_id)
    if old is None:
        raise NotFoundError(f"There is no change {action_id}: reload the page.")
    required(session, old.project_id, turn=True)
    if by := _reversals(_chain(session, old.project_id)).get(old.id):
        raise RefusedError(f"This was taken back already: take back change {by} instead.")
    owner = Owner(old.project_id, annotator)
    detail = project_changes.mirrored(old.detail)
    row = _begin(session, owner, old.kind, _reversed_title(session, old), detail, None)
    row.reverses = old.id
    # What lets spans in comes before them, what keeps them out behind.
    project_changes.loosen(session, old.project_id, detail)
    editor = BulkEditor(session, Setting.of(session, old.project_id), row.id, claims=False)
    editor.apply(_inverses(session, old.id))
    project_changes.tighten(session, old.project_id, detail)
    _finish(session, row, editor)
    if as_step:
        steps.record_action(session, owner, row.id)
    return read(session, row.id)


def read(session: Session, action_id: int) -> Action:
    """Return one action inside a transaction; raises NotFoundError."""
    session.flush()
    row = session.get(ActionRow, action_id)
    if row is None:
        raise NotFoundError(f"There is no change {action_id}: reload the page.")
    chain = _chain(session, row.project_id)
    return _action(row, _reversals(chain).get(row.id), row.id in _undoing(chain))


def _begin(
    session: Session,
    owner: Owner,
    kind: str,
    title: str,
    detail: Mapping[str, Any],
    request: str | None,
) -> ActionRow:
    row = ActionRow(
        project_id=owner.project,
        annotator=owner.annotator,
        kind=kind,
        title=title,
        detail=dict(detail),
        documents=0,
        spans=0,
        skipped=0,
        reverses=None,
        request=request,
        created_at=now(),
    )
    session.add(row)
    session.flush()
    return row


def _finish(session: Session, row: ActionRow, editor: BulkEditor) -> None:
    row.documents, row.spans, row.skipped = editor.documents, editor.spans, editor.skipped
    session.flush()


def _reversed_title(session: Session, old: ActionRow) -> str:
    if old.reverses is None:
        return f"Taken back: {old.title}"
    first = session.get_one(ActionRow, old.reverses)
    return first.title if first.reverses is None else f"Taken back: {old.title}"


def _inverses(session: Session, action_id: int) -> Iterator[DocumentEdits]:
    """Yield what takes an action back, the newest edit of each document first."""
    order = (JournalRow.document_id, JournalRow.annotator, JournalRow.id.desc())
    query = select(JournalRow).where(JournalRow.action_id == action_id).order_by(*order)
    found: dict[tuple[int, str], list[ConditionalEdit]] = {}
    statuses: dict[tuple[int, str], tuple[str, str]] = {}
    setting: Setting | None = None
    for row in session.scalars(query):
        setting = setting or Setting.of(session, row.project_id)
        inverse = steps.renamed(row.inverse, setting.label_names)
        operation = steps.renamed(row.operation, setting.label_names)
        pair = (row.document_id, row.annotator)
        edits = found.setdefault(pair, [])
        # What only gave a document its status has no parts.
        done, undone = operation.get("operations", [])[::-1], inverse.get("operations", [])
        parts = zip(done, undone, strict=True)
        edits += [ConditionalEdit((undo,), did) for did, undo in parts]
        made, _ = statuses.get(pair, (operation["status"], ""))
        statuses[pair] = made, inverse["status"]
    for pair, edits in found.items():
        made, before = map(Status, statuses[pair])
        yield DocumentEdits(*pair, edits, before, instead_of=made)


def _of_request(session: Session, request: str) -> int | None:
    return session.scalar(select(ActionRow.id).where(ActionRow.request == request))


def _chain(session: Session, project_id: int) -> dict[int, int]:
    """Return which action each one takes back that takes one back, the oldest first."""
    query = select(ActionRow.id, ActionRow.reverses).where(
        ActionRow.project_id == project_id, ActionRow.reverses.is_not(None)
    )
    found = session.execute(query.order_by(ActionRow.id))
    return {id: reverses for id, reverses in found if reverses is not None}


def _reversals(chain: dict[int, int]) -> dict[int, int]:
    """Return by which action each one is taken back, where that one still stands itself."""
    reversals: dict[int, int] = {}
    # What takes an action back is newer than it: from the newest on, each is known in time.
    for id, reverses in reversed(chain.items()):
        if id not in reversals:
            reversals[reverses] = id
    return reversals


def _undoing(chain: Mapping[int, int]) -> set[int]:
    """Return the actions that undo; what takes one of these back does the thing again."""
    found: set[int] = set()
    for id, reverses in chain.items():
        if reverses not in found:
            found.add(id)
    return found


def _action(row: ActionRow, reversed_by: int | None, takes_back: bool) -> Action:
    return Action(
        row.id,
        row.project_id,
        row.annotator,
        row.kind,
        row.title,
        row.documents,
        row.spans,
        row.skipped,
        row.reverses,
        reversed_by,
        row.created_at,
        takes_back,
    )
