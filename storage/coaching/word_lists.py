"""Word lists that are kept with a project: the coach suggests their strings (engine/coach).

A string's label is known by its id: it follows a label that is renamed, or merged into another one,
goes with one that is deleted, and comes back with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from storage.coaching.makers import WORD_LIST
from storage.corpus import labels, validation
from storage.corpus.projects import mark_looked, required
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.queries import bulk_insert
from storage.engines.schema import (
    DocumentRow,
    DocumentScoreRow,
    RunRow,
    SuggestionRow,
    WordListEntryRow,
    WordListRow,
)
from storage.errors import InputError, NotFoundError
from storage.permissions import Ability, needs
from storage.runs import suggestions
from storage.runs.runs import add_row
from storage.types import RunKind, RunState

MOST_STRINGS = 100_000
"""Of all lists of a project: the coach holds them in memory, half a kilobyte each."""

Entry = tuple[str, str]
"""A string and its label."""


@dataclass(frozen=True, slots=True)
class WordList:
    """A list that is kept. ``run`` is whose its suggestions are; ``lost`` has no label any more.

    ``by_label`` counts its strings by the names that their labels have now, the most first.
    """

    id: int
    name: str
    run: int
    whole_words: bool
    match_case: bool
    is_asked: bool
    created_at: str
    by_label: Mapping[str, int] = field(default_factory=dict)
    lost: int = 0

    @property
    def strings(self) -> int:
        """How many strings have a label."""
        return sum(self.by_label.values())


def of_project(db: Database, project_id: int) -> list[WordList]:
    """Return a project's lists, the one that was kept last at the end."""
    entry = WordListEntryRow
    counted = (
        select(entry.list_id, entry.label_id, func.count())
        .join(WordListRow, WordListRow.id == entry.list_id)
        .where(WordListRow.project_id == project_id)
        .group_by(entry.list_id, entry.label_id)
    )
    with db.read() as session:
        named = labels.heirs(session, project_id)
        found: dict[int, Counter[str | None]] = {}
        for list_id, label, count in session.execute(counted):
            found.setdefault(list_id, Counter())[named.get(label)] += count
        return [_list(row, found.get(row.id, Counter())) for row in _rows(session, project_id)]


def stamp(db: Database, project_id: int) -> Hashable:
    """Return what is another one once a list was kept or removed, or is asked no more."""
    with db.read() as session:
        return tuple((row.id, row.is_asked) for row in _rows(session, project_id))


def entries(db: Database, list_id: int) -> list[Entry]:
    """Return the strings of a list, each with what its label is called now; raises NotFoundError.

    Those are left out whose label is gone.
    """
    with db.read() as session:
        row = _required(session, list_id)
        return _entries(session, list_id, labels.heirs(session, row.project_id))


def asked(db: Database, project_id: int) -> list[tuple[WordList, list[Entry]]]:
    """Return the lists whose strings are suggested, each with its strings, as of one moment."""
    with db.read() as session:
        named = labels.heirs(session, project_id)
        return [
            (_list(row, Counter(label for _, label in found)), found)
            for row in _rows(session, project_id)
            if row.is_asked and (found := _entries(session, row.id, named))
        ]


@needs(Ability.MANAGE)
def keep(
    db: Database,
    project_id: int,
    name: str,
    given: Collection[Entry],
    *,
    whole_words: bool = True,
    match_case: bool = True,
) -> WordList:
    """Keep strings with their labels under a name, in place of the list that has it.

    Labels that the project lacks are made. Raises InputError, NotFoundError.
    """
    name = validation.name(name, "list")
    if not given:
        raise InputError("The list holds no strings: give it at least one.")
    with db.write() as session:
        required(session, project_id, turn=True)
        known = _named(session, project_id, name)
        _check_room(session, project_id, known, len(given))
        made = WordListRow(
            project_id=project_id,
            name=name,
            run_id=_run(session, project_id, name),
            whole_words=whole_words,
            match_case=match_case,
            is_asked=known is None or known.is_asked,
            created_at=now(),
        )
        if known:
            _drop(session, known)
        session.add(made)
        session.flush()
        _fill(session, made, given)
        return _list(made, Counter(label for _, label in given))


@needs(Ability.MANAGE)
def remove(db: Database, list_id: int) -> None:
    """Delete a list, and what was suggested of it in texts to do; raises NotFoundError."""
    with db.write() as session:
        _drop(session, _turn(session, list_id))


@needs(Ability.MANAGE)
def ask(db: Database, list_id: int, is_asked: bool) -> None:
    """Say whether a list's strings are suggested; raises NotFoundError."""
    with db.write() as session:
        row = _turn(session, list_id)
        row.is_asked = is_asked
        if not is_asked:
            _silence(session, row)


def _rows(session: Session, project_id: int) -> list[WordListRow]:
    query = select(WordListRow).where(WordListRow.project_id == project_id)
    return list(session.scalars(query.order_by(WordListRow.id)))


def _entries(session: Session, list_id: int, named: Mapping[int, str]) -> list[Entry]:
    row = WordListEntryRow
    query = select(row.text, row.label_id).where(row.list_id == list_id).order_by(row.place)
    return [(text, named[label]) for text, label in session.execute(query) if label in named]


def _turn(session: Session, list_id: int) -> WordListRow:
    """Return a list's row once nobody else changes lists of its project."""
    required(session, _required(session, list_id).project_id, turn=True)
    return _required(session, list_id)


def _required(session: Session, list_id: int) -> WordListRow:
    # As it is now: whoever waited for a turn has read it before.
    row = session.get(WordListRow, list_id, populate_existing=True)
    if row is None:
        raise NotFoundError("This list is not there any more: reload the page.")
    return row


def _named(session: Session, project_id: int, name: str) -> WordListRow | None:
    return next((row for row in _rows(session, project_id) if row.name == name), None)


def _check_room(
    session: Session, project_id: int, replaced: WordListRow | None, strings: int
) -> None:
    others = (
        select(func.count())
        .select_from(WordListEntryRow)
        .join(WordListRow, WordListRow.id == WordListEntryRow.list_id)
        .where(WordListRow.project_id == project_id)
    )
    if replaced:
        others = others.where(WordListRow.id != replaced.id)
    if session.scalars(others).one() + strings > MOST_STRINGS:
        raise InputError(
            f"A project's lists hold {MOST_STRINGS:,} strings at most: remove a list first."
        )


def _run(session: Session, project_id: int, name: str) -> int:
    """Return the run of the lists of a name: what became of an older one's strings counts on."""
    query = select(RunRow).where(RunRow.project_id == project_id, RunRow.kind == RunKind.WORD_LIST)
    known = (row.id for row in session.scalars(query) if row.settings.get(WORD_LIST) == name)
    if found := next(known, None):
        return found
    settings = {WORD_LIST: name}
    row = add_row(session, project_id, RunKind.WORD_LIST, RunState.DONE, settings)
    row.finished_at = now()
    return row.id


def _fill(session: Session, made: WordListRow, given: Iterable[Entry]) -> None:
    rows = list(given)
    wanted = {label for _, label in rows}
    known = labels.ensure(session, made.project_id, wanted)
    ids = {label: known[validation.label_name(label)].id for label in wanted}
    values = [
        (made.id, place, ids[label], validation.text(text, "A string of the list"))
        for place, (text, label) in enumerate(rows)
    ]
    bulk_insert(session, WordListEntryRow, ("list_id", "place", "label_id", "text"), values)


def _drop(session: Session, row: WordListRow) -> None:
    _silence(session, row)
    session.execute(delete(WordListRow).where(WordListRow.id == row.id))


def _silence(session: Session, row: WordListRow) -> None:
    """Take back what was suggested of a list in documents that are to do."""
    to_do = suggestions.to_do(row.project_id, None).with_only_columns(DocumentRow.id)
    for table in (SuggestionRow, DocumentScoreRow):
        own = table.run_id == row.run_id, table.document_id.in_(to_do)
        session.execute(delete(table).where(*own))
    mark_looked(session, row.project_id)


def _list(row: WordListRow, counted: Mapping[str | None, int]) -> WordList:
    named = ((name, count) for name, count in counted.items() if name is not None)
    by_label = dict(sorted(named, key=lambda pair: (-pair[1], pair[0])))
    flags = row.whole_words, row.match_case, row.is_asked
    lost = counted.get(None, 0)
    return WordList(row.id, row.name, row.run_id, *flags, row.created_at, by_label, lost)
