"""What other projects know: lessons, guidelines, labels and word lists, found by words.

Accounts are for a whole installation: who may read here may read there, and nobody else asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.coaching import word_lists
from storage.corpus import labels
from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.schema import NotebookEntryRow, ProjectRow
from storage.knowledge.versions import content
from storage.knowledge.versions.said import Said, Version
from storage.permissions import Ability, needs

SHARED = 0.5
"""So much of a project's labels must be those of another one's for it to be like it."""
MOST = 50


class Kind(StrEnum):
    """What can be taken over."""

    LESSON = "lesson"
    GUIDELINE = "guideline"
    LABELS = "labels"
    WORDS = "word list"


@dataclass(frozen=True, slots=True)
class Found:
    """Something that another project knows: ``id`` is the lesson's, the list's, or the project's.

    ``said`` is what it says, as people wrote it.
    """

    kind: Kind
    id: int
    project: int
    of: str
    title: str
    said: str


@dataclass(frozen=True, slots=True)
class Like:
    """A project of the same task that labels with the same names: how many of them it shares."""

    project: int
    name: str
    shared: int
    labels: int


@needs(Ability.READ)
def find(db: Database, project_id: int, words: str = "") -> list[Found]:
    """Return what other projects know in which all these words are, in any case, lessons first.

    Names of labels, of lists and of the projects count as well. Raises NotFoundError.
    """
    wanted = words.casefold().split()
    with db.read() as session:
        required(session, project_id)
        others = (
            select(ProjectRow).where(ProjectRow.id != project_id).order_by(ProjectRow.id.desc())
        )
        rows = session.scalars(others).all()
        known = [each for row in rows for each in _told(session, row)]
    known += [each for row in rows for each in _lists(db, row)]
    order = list(Kind)
    found = (each for each in known if _holds(each, wanted))
    return sorted(found, key=lambda each: order.index(each.kind))[:MOST]


def like(db: Database, project_id: int, names: Collection[str] | None = None) -> list[Like]:
    """Return the projects of the same task that share at least half of the labels, most first.

    ``names`` are the labels that are meant, where they are not the project's own yet.
    """
    with db.read() as session:
        own = required(session, project_id)
        mine = set(labels.names(session, project_id).values()) if names is None else set(names)
        same = select(ProjectRow).where(ProjectRow.task == own.task, ProjectRow.id != own.id)
        found = [
            Like(row.id, row.name, len(mine & theirs), len(mine))
            for row in session.scalars(same.order_by(ProjectRow.id.desc()))
            if (theirs := set(labels.names(session, row.id).values())) and mine & theirs
        ]
    enough = (each for each in found if each.shared >= SHARED * each.labels)
    return sorted(enough, key=lambda each: -each.shared)


def _told(session: Session, row: ProjectRow) -> Iterator[Found]:
    rounds = select(NotebookEntryRow).where(
        NotebookEntryRow.project_id == row.id, NotebookEntryRow.lesson != ""
    )
    for entry in session.scalars(rounds.order_by(NotebookEntryRow.id.desc())):
        about = [
            str(entry.about[each]) for each in ("label", "gold", "predicted") if each in entry.about
        ]
        title = " · ".join(filter(None, [" / ".join(about), entry.goal]))
        yield Found(Kind.LESSON, entry.id, row.id, row.name, title, entry.lesson)
    version = content.in_force(session, row)
    if said := _guideline(version):
        title = f"Guideline, version {version.number}"
        yield Found(Kind.GUIDELINE, row.id, row.id, row.name, title, said)
    if version.labels:
        names = ", ".join(label.name for label in version.labels)
        yield Found(Kind.LABELS, row.id, row.id, row.name, "Labels", names)


def _guideline(version: Version) -> str:
    parts = [version.text, *(_label(each) for each in version.labels if not each.is_silent)]
    return "\n".join(filter(None, parts))


def _label(said: Said) -> str:
    shown = (f"{each.text} {each.reason}".strip() for each in said.examples)
    return f"{said.name}: {' · '.join(filter(None, [*said.words, *shown]))}"


def _lists(db: Database, row: ProjectRow) -> Iterable[Found]:
    for each in word_lists.of_project(db, row.id):
        counted = ", ".join(f"{name} {count:,}" for name, count in each.by_label.items())
        yield Found(Kind.WORDS, each.id, row.id, row.name, each.name, counted)


def _holds(found: Found, wanted: Collection[str]) -> bool:
    text = f"{found.title} {found.said} {found.of}".casefold()
    return all(word in text for word in wanted)
