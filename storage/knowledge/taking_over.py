"""What another project knows, copied into this one; each copy says where it comes from.

What is here already stays: a label that says something keeps its words, a guideline's text goes
behind the one that is there. What was taken over lives on its own afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.coaching import word_lists
from storage.corpus import labels, projects, validation
from storage.corpus.projects import required, started_key
from storage.database import settings
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.schema import (
    DocumentRow,
    ExampleRow,
    LabelRow,
    NotebookEntryRow,
    RunRow,
    SuspectRow,
    WordListRow,
)
from storage.errors import InputError, NotFoundError
from storage.knowledge.notebook import Round
from storage.knowledge.versions import content, making
from storage.knowledge.versions.said import Said
from storage.permissions import Ability, needs


@dataclass(frozen=True, slots=True)
class Taken:
    """How much was taken over: labels that came or say something now, sentences, word lists."""

    labels: int = 0
    examples: int = 0
    lists: int = 0


@needs(Ability.GUIDE)
def take_guideline(db: Database, project_id: int, other_id: int) -> Taken:
    """Copy another project's guideline: its text, what its labels say, their examples.

    Only of labels that are here, too. Raises InputError, NotFoundError.
    """
    author = settings.annotator(db)
    with db.write() as session:
        return _take_guideline(session, project_id, other_id, author)


@needs(Ability.MANAGE)
def take_labels(db: Database, project_id: int, other_id: int) -> Taken:
    """Copy the labels of another project that are not here, with colours, keys and their words.

    Raises InputError, NotFoundError.
    """
    author = settings.annotator(db)
    here = {label.name for label in projects.list_labels(db, project_id)}
    listed = [each for each in projects.list_labels(db, other_id) if each.name not in here]
    projects.add_listed(db, project_id, listed)
    with db.write() as session:
        required(session, project_id, turn=True)
        source = content.in_force(session, required(session, other_id))
        note = f"Labels taken over from {required(session, other_id).name}"
        new = [said for said in source.labels if said.name not in here]
        with making.changing(session, project_id, author, meaning=(), note=note):
            taken = _say(session, project_id, new, author, required(session, other_id).name)
    return Taken(len(listed), taken.examples)


@needs(Ability.MANAGE)
def take_list(db: Database, project_id: int, list_id: int) -> Taken:
    """Copy a word list of another project; raises InputError, NotFoundError."""
    with db.read() as session:
        row = session.get(WordListRow, list_id)
        if row is None:
            raise NotFoundError("This list is not there any more: reload the page.")
        came = required(session, row.project_id).name
        name, whole, case = f"{row.name[:90]} (from {came[:90]})", row.whole_words, row.match_case
    given = word_lists.entries(db, list_id)
    word_lists.keep(db, project_id, name, given, whole_words=whole, match_case=case)
    return Taken(lists=1)


@needs(Ability.GUIDE)
def take_lesson(db: Database, project_id: int, entry_id: int) -> int:
    """Copy a lesson into this project's notebook as a round of its own; return its number."""
    author, at = settings.annotator(db), now()
    with db.write() as session:
        required(session, project_id)
        row = session.get(NotebookEntryRow, entry_id)
        if row is None or not row.lesson:
            raise NotFoundError("This lesson is not there any more: reload the page.")
        came = required(session, row.project_id).name
        copy = NotebookEntryRow(project_id=project_id, state=Round.DONE, about=row.about, done=[])
        copy.goal = f"Taken over from {came}"
        copy.lesson, copy.lesson_by = row.lesson, row.lesson_by
        copy.opened_by, copy.opened_at, copy.closed_at = author, at, at
        session.add(copy)
        session.flush()
        return copy.id


@needs(Ability.MANAGE)
def start_from(db: Database, project_id: int, other_id: int) -> Taken:
    """Let a project begin with what another one over the same labels knows.

    Its labels, guideline, examples and word lists are copied; the coach begins with its newest
    model (``coaching.work.trained``). Raises InputError, NotFoundError.
    """
    own, other = (projects.get_project(db, id) for id in (project_id, other_id))
    if own.id == other.id or own.task != other.task:
        raise InputError(f'"{other.name}" labels something else: choose a project of this kind.')
    labelled = take_labels(db, project_id, other_id)
    guided = take_guideline(db, project_id, other_id)
    lists = [take_list(db, project_id, each.id) for each in word_lists.of_project(db, other_id)]
    settings.put(db, started_key(project_id), other_id)
    examples = labelled.examples + guided.examples
    return Taken(labelled.labels + guided.labels, examples, len(lists))


def suspects(db: Database, project_id: int, other_id: int) -> list[int]:
    """Return this project's documents whose texts are suspects of another's newest check.

    The texts are the same, character by character: of what is only alike nothing follows.
    """
    checked = select(SuspectRow.run_id).join(RunRow, RunRow.id == SuspectRow.run_id)
    newest = checked.where(RunRow.project_id == other_id).order_by(SuspectRow.run_id.desc())
    with db.read() as session:
        required(session, project_id)
        theirs = (
            select(DocumentRow.text_hash)
            .join(SuspectRow, SuspectRow.document_id == DocumentRow.id)
            .where(SuspectRow.run_id == newest.limit(1).scalar_subquery())
        )
        mine = select(DocumentRow.id).where(DocumentRow.project_id == project_id)
        return list(
            session.scalars(mine.where(DocumentRow.text_hash.in_(theirs)).order_by(DocumentRow.id))
        )


def _take_guideline(session: Session, project_id: int, other_id: int, author: str) -> Taken:
    project = required(session, project_id, turn=True)
    other = required(session, other_id)
    source = content.in_force(session, other)
    note = f"Taken over from {other.name}"
    with making.changing(session, project_id, author, meaning=(), note=note):
        if source.text.strip() and source.text.strip() not in project.guideline:
            project.guideline = validation.text(
                "\n\n".join(
                    filter(None, [project.guideline.rstrip(), _origin(other.name), source.text])
                ),
                "The guideline",
            )
        return _say(session, project_id, source.labels, author, other.name)


def _origin(name: str) -> str:
    """Return a line of Markdown that names a project as it is."""
    return f"Taken over from the project `{name.replace('`', 'ˋ')}`:"


def _say(
    session: Session, project_id: int, said: tuple[Said, ...] | list[Said], author: str, came: str
) -> Taken:
    """Let labels of the same names say it where they are silent, and give them the examples."""
    ids = {name: id for id, name in labels.names(session, project_id).items()}
    spoke = examples = 0
    for each in said:
        if each.name not in ids:
            continue
        row = session.get_one(LabelRow, ids[each.name])
        if any(each.words) and not (row.description or row.positive or row.negative):
            row.description, row.positive, row.negative = each.words
            spoke += 1
        examples += _copy_examples(session, row, each, author, came)
    session.flush()
    return Taken(spoke, examples)


def _copy_examples(session: Session, row: LabelRow, said: Said, author: str, came: str) -> int:
    known = {
        (each.kind, each.text, each.start, each.end, each.second_text)
        for each in session.scalars(select(ExampleRow).where(ExampleRow.label_id == row.id))
    }
    new = [
        each
        for each in said.examples
        if (each.kind, each.text, each.start, each.end, each.second_text) not in known
    ]
    for each in new:
        reason = f"{each.reason} (from {came})".strip()
        session.add(
            ExampleRow(
                project_id=row.project_id,
                label_id=row.id,
                kind=each.kind,
                text=each.text,
                second_text=each.second_text,
                start=each.start,
                end=each.end,
                reason=reason,
                author=author,
                created_at=now(),
            )
        )
    return len(new)
