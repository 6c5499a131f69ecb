"""How a change of a guideline becomes a version.

The rules, in this order:

- What changes no text, no label's words and no example makes none: a colour, a key, a new name.
- Version 1 is being written until the first edit of a document, as long as nothing is said
  differently but only more: no version 2 comes of setting a project up.
- What its author changes within ten minutes of making a version belongs to it, unless it changes
  what a label means and documents were edited meanwhile: those know the version as it was.
- All else makes the next version.

A version says of each label since when it means what it means. Whoever changes it says which labels
mean something else now; where nobody does, it is those of which other words are said than before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.engines.clock import now
from storage.engines.schema import GuidelineVersionRow, JournalRow, ProjectRow
from storage.knowledge.versions import content
from storage.knowledge.versions.said import FIRST, Said, Version, to_json

TOGETHER = timedelta(minutes=10)
"""So long after its making a version takes in what else its author changes."""


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes a guideline, which labels mean something else then, and why."""

    author: str
    meaning: Collection[int]
    note: str


@contextmanager
def changing(
    session: Session,
    project_id: int,
    author: str,
    meaning: Collection[int] | None = None,
    note: str = "",
) -> Iterator[None]:
    """Let what the block changes of a guideline be a version, by the rules of this module.

    ``meaning`` names the labels that mean something else afterwards, by id; None: it is told by
    what changes. ``note`` says why; without one it is told what was changed.
    """
    project = session.get_one(ProjectRow, project_id)
    before = content.in_force(session, project)
    yield
    session.flush()
    after = content.in_force(session, project)
    if not _differ(before, after):
        return
    if not meaning and _in_writing(session, project_id, before, after):
        return
    other = _meaning(before, after) if meaning is None else meaning
    _make(session, project, before, after, Change(author, frozenset(other), note))


def _differ(before: Version, after: Version) -> bool:
    if before.text != after.text:
        return True
    pairs = ((before.label(label.id), label) for label in after.labels)
    # A label that comes makes no version as long as nothing is said of it.
    return any(new.content != old.content if old else not new.is_silent for old, new in pairs)


def _meaning(before: Version, after: Version) -> set[int]:
    """Return the labels of which other words are said; first words only say what was meant."""
    return {
        label.id
        for label in after.labels
        if (old := before.label(label.id)) and any(old.words) and old.words != label.words
    }


def _in_writing(session: Session, project_id: int, before: Version, after: Version) -> bool:
    """Tell whether a change still belongs to the first version, which has no row yet."""
    if before.number != FIRST or before.text not in ("", after.text):
        return False
    pairs = ((old, after.label(old.id)) for old in before.labels)
    adds = all(new is None or _adds(old, new) for old, new in pairs)
    return adds and not _edited(session, project_id, "")


def _adds(old: Said, new: Said) -> bool:
    words = all(one in ("", other) for one, other in zip(old.words, new.words, strict=True))
    return words and set(old.examples) <= set(new.examples)


def _edited(session: Session, project_id: int, since: str) -> bool:
    """Tell whether a document of the project was edited since a moment."""
    edits = select(JournalRow.created_at).where(JournalRow.project_id == project_id)
    newest = session.scalar(edits.order_by(JournalRow.id.desc()).limit(1))
    return newest is not None and newest >= since


def _make(
    session: Session, project: ProjectRow, before: Version, after: Version, change: Change
) -> None:
    row = content.stored(session, project.id, before.number) or _first(session, project, before)
    if not _takes_in(session, row, change):
        project.guideline_version = before.number + 1
        row = GuidelineVersionRow(project_id=project.id, number=project.guideline_version)
        row.author, row.created_at, row.note = change.author, now(), ""
    labels = [
        replace(label, since=row.number) if label.id in change.meaning else label
        for label in after.labels
    ]
    earlier = content.stored(session, project.id, row.number - 1)
    assert earlier, "each version but the first follows one that has a row"
    row.note = _note(content.of_row(earlier), before, after, row.note, change.note)
    row.text, row.labels = after.text, to_json(labels)
    session.add(row)


def _first(session: Session, project: ProjectRow, version: Version) -> GuidelineVersionRow:
    """Add the row of a version that has none yet: the first one; nobody knows whose it was."""
    row = GuidelineVersionRow(project_id=project.id, number=version.number, text=version.text)
    row.labels, row.created_at = to_json(version.labels), project.created_at
    session.add(row)
    session.flush()
    return row


def _takes_in(session: Session, row: GuidelineVersionRow, change: Change) -> bool:
    """Tell whether a change belongs to the version in force; the first one takes in none."""
    age = datetime.fromisoformat(now()) - datetime.fromisoformat(row.created_at)
    if row.number == FIRST or row.author != change.author or not timedelta() <= age < TOGETHER:
        return False
    return not (change.meaning and _edited(session, row.project_id, row.created_at))


def _note(earlier: Version, before: Version, after: Version, kept: str, given: str) -> str:
    """Return what is said of a version: what its author gave, else what it changes."""
    is_told = kept in ("", told(earlier, before))
    return given or (told(earlier, after) if is_told else kept)


def told(before: Version, after: Version) -> str:
    """Say in a line what one version changes of another: "Text; PER: description, examples"."""
    parts = ["Text"] if before.text != after.text else []
    for label in after.labels:
        old = before.label(label.id) or Said(label.id, label.name)
        what = ["description"] if old.words != label.words else []
        what += ["examples"] if set(old.examples) != set(label.examples) else []
        parts += [f"{label.name}: {', '.join(what)}"] if what else []
    return "; ".join(parts)
