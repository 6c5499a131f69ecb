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


@dataclass(frozen=True, slots=True)
class ConditionalEdit:
    """An edit that is done where it fits: the first of its forms that does.

    ``after`` is the edit that it takes back: it fits only where that one's effect still stands.
    """

    forms: tuple[Operation, ...]
    after: Operation | None = None


@dataclass(frozen=True, slots=True)
class DocumentEdits:
    """An annotator's document, and what is to be edited there. All offsets are code points."""

    document: int
    annotator: str
    edits: Sequence[ConditionalEdit]


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
                self._edit(draft, target.edits)
                drafts.append(draft)
            recording.store(self._session, drafts)

    def _texts(self, documents: list[int]) -> dict[int, str]:
        query = select(DocumentRow.id, DocumentRow.text).where(
            DocumentRow.id.in_(documents), DocumentRow.project_id == self._setting.project
        )
        return dict(self._session.execute(query).all())

    def _edit(self, draft: Draft, edits: Sequence[ConditionalEdit]) -> None:
        fitting = choose_fitting(draft.state, edits, draft.rules)
        self.spans += len(fitting)
        self.skipped += len(edits) - len(fitting)
        if fitting:
            self._documents.add(draft.document)
        for operations in chunks(fitting, LARGEST_BATCH):
            self._seq += 1
            draft.apply(self._client, self._batch(draft, operations), self._action)

    def _batch(self, draft: Draft, operations: list[Operation]) -> dict[str, Any]:
        return {
            "seq": self._seq,
            "base_revision": draft.state.revision,
            "kind": "batch",
            # With ids beside the labels' names: it may be taken back after they were renamed.
            "operations": [
                steps.identified(operation, self._setting.label_ids) for operation in operations
            ],
            # Nobody has looked at the document: it is as done, or as new, as it was.
            "status": str(draft.state.status),
        }


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
