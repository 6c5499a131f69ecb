"""Edits of many documents at once, inside a transaction: what fits is done, the rest counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.engines.queries import chunks
from storage.engines.schema import DocumentRow
from storage.errors import RefusedError
from storage.journal import editing, loading, recording, steps
from storage.journal.checks import Operation
from storage.journal.operations import LARGEST_BATCH
from storage.journal.recording import Draft, Setting
from storage.journal.state import Rules, State
from storage.types import Status


@dataclass(frozen=True, slots=True)
class ConditionalEdit:
    """An edit that is done where it fits: the first of its forms that does.

    ``after`` is the edit that it takes back: it fits only where that one's effect still stands.
    """

    forms: tuple[Operation, ...]
    after: Operation | None = None


@dataclass(frozen=True, slots=True)
class DocumentEdits:
    """An annotator's document, and what is to be edited there. All offsets are code points.

    ``status`` is the document's afterwards, None: it stays; where ``instead_of`` is given, only if
    it was that. Without edits that alone is done.
    """

    document: int
    annotator: str
    edits: Sequence[ConditionalEdit]
    status: Status | None = None
    instead_of: Status | None = None


class BulkEditor:
    """Applies edits as parts of one action and counts what became of them."""

    def __init__(self, session: Session, setting: Setting, action: int, claims: bool):
        """``claims``: the annotations become their documents' current ones."""
        self._session = session
        self._setting = setting
        self._action = action
        self._claims = claims
        self._client = f"action-{action}"
        self._seq = 0
        self._documents: set[int] = set()
        self.spans = 0
        self.skipped = 0

    @property
    def documents(self) -> int:
        return len(self._documents)

    def apply(self, targets: Iterable[DocumentEdits]) -> None:
        """Carry out what fits, in chunks of documents."""
        for chunk in chunks(targets):
            texts = self._texts([target.document for target in chunk])
            loaded = loading.load_many(
                self._session, [(target.document, target.annotator) for target in chunk]
            )
            drafts = []
            for target in chunk:
                if target.document not in texts:
                    self.skipped += len(target.edits)
                    continue
                pair = (target.document, target.annotator)
                draft = Draft(self._setting, *pair[:1], texts[pair[0]], pair[1], loaded[pair])
                draft.claims = self._claims
                self._edit(draft, target)
                drafts.append(draft)
            recording.store(self._session, drafts)

    def _texts(self, documents: list[int]) -> dict[int, str]:
        query = select(DocumentRow.id, DocumentRow.text).where(
            DocumentRow.id.in_(documents), DocumentRow.project_id == self._setting.project
        )
        return dict(self._session.execute(query).all())

    def _edit(self, draft: Draft, target: DocumentEdits) -> None:
        fitting = choose_fitting(draft.state, target.edits, draft.rules)
        status = _status(draft.state, target)
        self.spans += len(fitting)
        self.skipped += len(target.edits) - len(fitting)
        if fitting:
            self._documents.add(draft.document)
        elif not target.edits and status != draft.state.status:
            self._documents.add(draft.document)
            self.spans += 1
            self._apply(draft, {"kind": "status"}, status)
        for operations in chunks(fitting, LARGEST_BATCH):
            # With ids beside the labels' names: it may be taken back after they were renamed.
            named = [steps.identified(each, self._setting.label_ids) for each in operations]
            self._apply(draft, {"kind": "batch", "operations": named}, status)

    def _apply(self, draft: Draft, operation: dict[str, Any], status: Status) -> None:
        self._seq += 1
        made_on = {"seq": self._seq, "base_revision": draft.state.revision}
        operation = made_on | operation | {"status": str(status)}
        draft.apply(self._client, operation, self._action)


def _status(state: State, target: DocumentEdits) -> Status:
    """Return a document's status afterwards: as done, or as new, as it was, if nobody says more."""
    if target.status is None or target.instead_of not in (None, state.status):
        return state.status
    return target.status


def choose_fitting(state: State, edits: Iterable[ConditionalEdit], rules: Rules) -> list[Operation]:
    """Return the edits that can be made one after the other, each in its first fitting form."""
    chosen = []
    for edit in edits:
        if edit.after is not None and not editing.still_stands(state, edit.after):
            continue
        for form in edit.forms:
            try:
                state, _ = editing.apply(state, form, rules)
            except RefusedError:
                continue
            chosen.append(form)
            break
    return chosen
