"""Edits inside a transaction: the state they are applied to, the rows they leave."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from storage import tasks
from storage.collaboration.rules import gold
from storage.collaboration.rules.policies import Policy
from storage.corpus import labels, validation
from storage.corpus.projects import required
from storage.engines.clock import now
from storage.engines.queries import chunks
from storage.engines.schema import DocumentRow, JournalRow, ProjectRow
from storage.errors import ConflictError, NotFoundError, RefusedError
from storage.journal import editing, loading, steps, writing
from storage.journal.loading import Loaded
from storage.journal.reach import Reach
from storage.journal.stacks import Stacks
from storage.journal.state import Rules, State
from storage.journal.steps import Owner
from storage.journal.writing import Edited
from storage.types import Merged


@dataclass(frozen=True, slots=True)
class Recorded:
    """An operation that the journal holds already."""

    document: int
    annotator: str
    revision: int
    operation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """What edits of one project are checked against and named by."""

    project: int
    allow_overlaps: bool
    label_ids: Mapping[str, int]
    label_names: Mapping[int, str]
    marks_whole: bool = False
    edits: Collection[str] | None = None
    guideline: int | None = None
    """The version of the guideline that is in force."""
    gold: Policy = Policy()

    @classmethod
    def of(cls, session: Session, project_id: int) -> Setting:
        """Read a project's rules as they are now."""
        project = session.get_one(ProjectRow, project_id)
        names = labels.names(session, project_id)
        ids = {name: id for id, name in names.items()}
        whole, edits = tasks.marks_whole(project.task), tasks.edits(project.task)
        version, policy = project.guideline_version, gold.of(project)
        known = project_id, project.allow_overlaps, ids, names
        return cls(*known, whole, edits, version, policy)

    def rules(self, text: str) -> Rules:
        """Return what edits of a document with this text are checked against."""
        return Rules(text, self.label_ids, self.allow_overlaps, self.marks_whole, self.edits)


class Draft:
    """One annotator's document while edits are applied to it, none of them stored yet."""

    def __init__(self, setting: Setting, document: int, text: str, annotator: str, loaded: Loaded):
        """Use ``open`` instead, or ``actions`` for many."""
        self.setting = setting
        self.document = document
        self.annotator = annotator
        self.loaded = loaded
        # Who edits, where the annotation is nobody's own (see ``storage.types.Merged``).
        self.actor: str | None = None
        # Whether an edit makes this annotation the document's current one.
        self.claims = True
        self.state = loaded.state
        self.rules = setting.rules(text)
        self.entries: list[dict[str, Any]] = []
        self.reach: Reach | None = None

    @classmethod
    def open(
        cls,
        session: Session,
        project_id: int,
        document_id: int,
        annotator: str,
        reach: Reach | None = None,
    ) -> Draft:
        """Load a document for editing; raises NotFoundError where the project has it not.

        With ``reach`` the state has the spans that edits within it can meet, perhaps no others.
        """
        annotator = validation.name(annotator, "annotator")
        if annotator == Merged.MAJORITY:
            raise RefusedError("A majority is computed and not edited: edit your own labels.")
        # Editors of one project take turns on PostgreSQL too.
        project = required(session, project_id, turn=True)
        row = session.get(DocumentRow, document_id)
        if row is None or row.project_id != project_id:
            raise NotFoundError(
                f"The project has no document {document_id}: choose one on the Data page."
            )
        loaded = loading.load(session, row.id, annotator, reach)
        # The session holds the project's row as long as somebody else does, and reads it once.
        draft = cls(Setting.of(session, project.id), row.id, row.text, annotator, loaded)
        draft.reach = reach
        return draft

    def whole(self, session: Session) -> State:
        """Return the state with all its spans, once what was edited is stored."""
        if self.reach is None:
            return self.state
        return loading.load(session, self.document, self.annotator).state

    @property
    def owner(self) -> Owner:
        return Owner(self.setting.project, self.annotator)

    @property
    def edited(self) -> Edited:
        """Return what became of the annotation."""
        place = (self.document, self.annotator)
        ids = self.setting.label_ids
        claims = self.claims and self.setting.gold.is_newest
        return Edited(*place, self.loaded, self.state, claims, ids, self._guideline())

    def _guideline(self) -> int | None:
        """Return the version of the guideline that the annotation is made under.

        What changes many documents at once has looked at none of them: those stay as they were.
        """
        at_once = all(entry["action_id"] is not None for entry in self.entries)
        as_it_was = at_once and self.loaded.is_known
        return self.loaded.guideline if as_it_was else self.setting.guideline

    def recorded(
        self, session: Session, client: str, numbers: Iterable[int]
    ) -> dict[int, Recorded]:
        """Return those of a client's operations that the journal holds, by their number."""
        found = {}
        for chunk in chunks(numbers):
            query = select(JournalRow).where(JournalRow.client == client, JournalRow.seq.in_(chunk))
            for row in session.scalars(query):
                found[row.seq] = Recorded(
                    row.document_id, row.annotator, row.revision, row.operation
                )
        return found

    def check_same(self, operation: Mapping[str, Any], known: Recorded) -> None:
        """Raise RefusedError where a number that was used stands for another edit now."""
        here = (known.document, known.annotator) == (self.document, self.annotator)
        if not here or known.operation != operation:
            raise RefusedError("The number of this edit was used for another: reload the page.")

    def apply(self, client: str, operation: Mapping[str, Any], action: int | None = None) -> None:
        """Apply a new operation; raises ConflictError, RefusedError."""
        if operation["base_revision"] != self.state.revision:
            raise ConflictError(
                "This document was changed in another tab or by someone else: choose what to keep."
            )
        self.state, inverse = editing.apply(self.state, operation, self.rules)
        self.entries.append(self._entry(client, operation, inverse, action))

    def stacks(self, session: Session, whole: bool = True) -> Stacks:
        """Return what can be undone and redone here, and the newest steps elsewhere."""
        names = self.setting.label_names
        return steps.stacks(session, self.owner, self.document, names, whole)

    def _entry(
        self,
        client: str,
        operation: Mapping[str, Any],
        inverse: Mapping[str, Any],
        action: int | None,
    ) -> dict[str, Any]:
        return {
            "project_id": self.setting.project,
            "document_id": self.document,
            "annotator": self.annotator,
            "actor": self.actor,
            "client": client,
            "seq": operation["seq"],
            "base_revision": operation["base_revision"],
            "revision": self.state.revision,
            "kind": operation["kind"],
            "undoes": operation.get("undoes"),
            "redoes": operation.get("redoes"),
            "operation": operation,
            "inverse": steps.identified(inverse, self.setting.label_ids),
            "action_id": action,
            "created_at": now(),
        }


def store(session: Session, drafts: Iterable[Draft]) -> list[int]:
    """Write what was edited in some drafts and return the new journal rows' ids, in order."""
    edited = [draft for draft in drafts if draft.entries]
    if not edited:
        return []
    writing.write(session, [draft.edited for draft in edited])
    rows = [entry for draft in edited for entry in draft.entries]
    added = insert(JournalRow).returning(JournalRow.id, sort_by_parameter_order=True)
    ids = list(session.scalars(added, rows))
    policy = edited[0].setting.gold
    if not policy.is_newest:
        gold.settle(session, policy, [draft.document for draft in edited])
    return ids


def record_steps(session: Session, draft: Draft, journal_ids: list[int]) -> dict[int, int]:
    """Take note of a draft's edits as steps of their own; return each one's ``n`` by its number."""
    places = {}
    for entry, id in zip(draft.entries, journal_ids, strict=True):
        name = f"{entry['client']}:{entry['seq']}"
        n = steps.record(session, draft.owner, draft.document, name, id, entry)
        places[entry["seq"]] = n
    return places
