"""Annotations from a file put onto documents that a project has already, as one step.

A document is found by its text, or by what the file calls it and the same text. What the annotator
had there becomes what the file says; undo takes all of it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.actions import actions
from storage.actions.actions import Action
from storage.actions.document_edits import ConditionalEdit, DocumentEdits, choose_fitting
from storage.collaboration.rules import gold, imported
from storage.collaboration.rules.gold import Fate
from storage.corpus import labels, validation
from storage.corpus.projects import required
from storage.corpus.staged_rows import Place
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.engines.schema import DocumentRow
from storage.errors import InputError, RefusedError
from storage.hashing import text_hash
from storage.journal import loading
from storage.journal.checks import Operation
from storage.journal.recording import Setting
from storage.journal.steps import Owner
from storage.permissions import Ability, needs
from storage.types import Document, Source, Span, Status

ID, TEXT = "id", "text"
WAYS = (ID, TEXT)
# Who finds more of a file missing took the wrong file or the wrong way; also bounds the memory.
LISTED = 100_000

Placed = tuple[Place, Document]
Progress = Callable[[int], None]
"""Is told how many documents were looked for; what it raises takes all of it back."""


class Unmatched(NamedTuple):
    """A document of a file that got nowhere: where it stands, what it is called, and why."""

    place: Place
    document: str
    reason: str


@dataclass
class Outcome:
    """What became of the documents of a file; ``unmatched`` says of the first of them why.

    ``action`` is the step that undo takes back, None where nothing had to be changed.
    """

    action: Action | None = None
    given: int = 0
    matched: int = 0
    changed: int = 0
    """How many of the project's documents become others by it, or would."""
    kept: int = 0
    """Of those changed, where something else counts, by the project's policy."""
    waiting: int = 0
    """Of those changed, where nothing counts until somebody decides."""
    silent: int = 0
    """Of those given, without a word about their labels: they are left alone."""
    missed: int = 0
    unmatched: list[Unmatched] = field(default_factory=list)

    def miss(self, placed: Placed, reason: str) -> None:
        place, document = placed
        self.missed += 1
        if len(self.unmatched) < LISTED:
            self.unmatched.append(Unmatched(place, document.name, reason))


class _Undone(Exception):
    """Ends a transaction of which nothing is to stay."""


@needs(Ability.EXCHANGE)
def look(
    db: Database,
    project_id: int,
    annotator: str,
    documents: Iterable[Placed],
    names: Iterable[str],
    by: str,
    progress: Progress | None = None,
) -> Outcome:
    """Say what `put` would do; nothing is changed, and nobody who edits has to wait for it."""
    owner, outcome = _owner(project_id, annotator, by), Outcome()
    with db.read() as session:
        required(session, project_id)
        setting = Setting.of(session, project_id)
        # Labels that the project lacks would be made.
        made = {name: -number for number, name in enumerate(names, 1)}
        ids = {**made, **setting.label_ids}
        targets = _Targets(session, owner, by, outcome, replace(setting, label_ids=ids))
        outcome.changed = sum(1 for _ in targets.of(documents, progress))
    return outcome


@needs(Ability.EXCHANGE)
def put(
    db: Database,
    project_id: int,
    annotator: str,
    documents: Iterable[Placed],
    names: Iterable[str],
    by: str,
    progress: Progress | None = None,
) -> Outcome:
    """Put labels onto documents and say what became of them; ``names`` are all labels' names.

    Raises NotFoundError, InputError.
    """
    owner, outcome = _owner(project_id, annotator, by), Outcome()
    try:
        with db.write() as session:
            required(session, project_id, turn=True)
            labels.ensure(session, project_id, names)
            imported.note(session, project_id, owner.annotator)
            setting = Setting.of(session, project_id)
            targets = _Targets(session, owner, by, outcome, setting).of(documents, progress)
            title = f"Labels from a file, by {by}"
            action = actions.perform(session, owner, "onto", title, targets, claims=True)
            outcome.changed = action.documents
            # A step that does nothing would cost what can be redone.
            if not action.spans:
                raise _Undone
            outcome.action = action
    except _Undone:
        pass
    except RefusedError as error:
        raise InputError(str(error)) from error
    return outcome


def _owner(project_id: int, annotator: str, by: str) -> Owner:
    if by not in WAYS:
        raise InputError(f"Documents are found by {' or by '.join(WAYS)}, not by {by[:40]!r}.")
    return Owner(project_id, validation.name(annotator, "annotator"))


class _Targets:
    """Finds the documents of a project that are meant, and what has to change in each."""

    def __init__(
        self, session: Session, owner: Owner, by: str, outcome: Outcome, setting: Setting
    ) -> None:
        self._session = session
        self._owner = owner
        self._by = by
        self._outcome = outcome
        self._setting = setting
        self._seen: set[int] = set()

    def of(
        self, documents: Iterable[Placed], progress: Progress | None = None
    ) -> Iterator[DocumentEdits]:
        for chunk in chunks(documents):
            if progress:
                progress(self._outcome.given)
            self._outcome.given += len(chunk)
            told = [each for each in chunk if _says_something(each[1])]
            self._outcome.silent += len(chunk) - len(told)
            yield from self._changes(list(self._matched(told)))

    def _changes(self, pairs: Sequence[tuple[int, Document]]) -> Iterator[DocumentEdits]:
        """Yield what changes something in the documents that were found."""
        annotator = self._owner.annotator
        loaded = loading.load_many(self._session, [(id, annotator) for id, _ in pairs])
        changed: dict[int, Document] = {}
        found = []
        for id, document in pairs:
            state = loaded[id, annotator].state
            edits = _edits(list(state.spans.values()), document)
            fitting = choose_fitting(state, edits, self._setting.rules(document.text))
            if fitting or (not edits and document.status != state.status):
                changed[id] = document
                found.append(DocumentEdits(id, annotator, edits, document.status))
        self._foresee(changed)
        yield from found

    def _foresee(self, changed: Mapping[int, Document]) -> None:
        """Count where what is put there will not be what counts."""
        policy, ids = self._setting.gold, self._setting.label_ids
        if policy.is_newest:
            return
        given = {
            id: (each.status, {(s.start, s.end, ids.get(s.label, 0)) for s in each.spans})
            for id, each in changed.items()
        }
        fates = gold.fates(self._session, policy, self._owner.annotator, given).values()
        self._outcome.kept += sum(fate is Fate.KEPT for fate in fates)
        self._outcome.waiting += sum(fate is Fate.WAITS for fate in fates)

    def _matched(self, placed: Sequence[Placed]) -> Iterator[tuple[int, Document]]:
        found = self._by_text(placed) if self._by == TEXT else self._by_name(placed)
        for number, each in enumerate(placed):
            ids = [id for id in found.get(number, ()) if id not in self._seen]
            self._outcome.matched += bool(ids)
            for id in ids:
                self._seen.add(id)
                yield id, each[1]
            if number in found and not ids and found[number]:
                self._outcome.miss(each, "its document had labels from this file already")

    def _by_text(self, placed: Sequence[Placed]) -> dict[int, list[int]]:
        """Return the documents that have each text; several may have the same one."""
        hashes = {text_hash(each.text) for _, each in placed}
        query = select(DocumentRow.id, DocumentRow.text_hash, DocumentRow.second_text).where(
            DocumentRow.project_id == self._owner.project, DocumentRow.text_hash.in_(hashes)
        )
        places: dict[tuple[str, str | None], list[int]] = {}
        for id, hash, second in self._session.execute(query.order_by(DocumentRow.id)):
            places.setdefault((hash, second), []).append(id)
        found = {}
        for number, (place, each) in enumerate(placed):
            ids = places.get((text_hash(each.text), each.second_text))
            if ids:
                found[number] = ids
            else:
                self._outcome.miss((place, each), "no document of the project has this text")
        return found

    def _by_name(self, placed: Sequence[Placed]) -> dict[int, list[int]]:
        """Return the document that each one's id or name means; its text must be the same."""
        keys = [_key(each) for _, each in placed]
        numbers = {int(key) for key in keys if key.isdecimal() and len(key) < 18}
        columns = (DocumentRow.id, DocumentRow.name, DocumentRow.text_hash, DocumentRow.second_text)
        own = select(*columns).where(DocumentRow.project_id == self._owner.project)
        by_number = {
            row[0]: row for row in self._session.execute(own.where(DocumentRow.id.in_(numbers)))
        }
        by_name: dict[str, list] = {}
        for row in self._session.execute(own.where(DocumentRow.name.in_(set(keys)))):
            by_name.setdefault(row[1], []).append(row)
        found = {}
        for number, (each, key) in enumerate(zip(placed, keys, strict=True)):
            rows = by_name.get(key) or [by_number[n] for n in [_number(key)] if n in by_number]
            wanted = text_hash(each[1].text), each[1].second_text
            same = [row for row in rows if (row[2], row[3]) == wanted]
            if len(same) == 1:
                found[number] = [same[0][0]]
            elif not rows:
                self._outcome.miss(each, f'no document of the project is called "{key[:60]}"')
            elif len(same) > 1:
                self._outcome.miss(each, f'{len(same)} documents are called "{key[:60]}"')
            else:
                self._outcome.miss(each, f'the document "{key[:60]}" has another text')
        return found


def _says_something(document: Document) -> bool:
    return bool(document.spans) or document.status is not Status.UNTOUCHED


def _key(document: Document) -> str:
    """Return what a file calls a document: its id, else its name."""
    record = document.layout.get("record")
    own = record.get("id") if isinstance(record, Mapping) else None
    return str(own) if isinstance(own, str | int) and str(own) else document.name


def _number(key: str) -> int:
    return int(key) if key.isdecimal() and len(key) < 18 else -1


def _edits(present: Sequence[Span], document: Document) -> list[ConditionalEdit]:
    """Return what makes a document's labels those of a file: what goes first, then what comes."""
    wanted = {(span.start, span.end, span.label): span for span in document.spans}
    kept = {(span.start, span.end, span.label) for span in present} & wanted.keys()
    gone: list[Operation] = [
        {"kind": "remove", "id": span.id}
        for span in present
        if (span.start, span.end, span.label) not in kept
    ]
    come: list[Operation] = [
        {"kind": "add", "span": _as_sent(span, document.text)}
        for key, span in sorted(wanted.items())
        if key not in kept
    ]
    return [ConditionalEdit((each,)) for each in (*gone, *come)]


def _as_sent(span: Span, text: str) -> dict[str, object]:
    """Return a span as edits name it; one of the whole document has no quote."""
    place = {"start": span.start, "end": span.end, "label": span.label}
    quote = {} if span.whole else {"quote": text[span.start : span.end]}
    return {"id": f"f{uuid4().hex}", **place, **quote, "source": str(Source.IMPORT)}
