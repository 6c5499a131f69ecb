"""What an archive's rows may say where the program knows a few words, or one form, only.

Columns of words are text to a database, and a page that reads another word would break: so an
archive that has one is refused before anything of it is added.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.collaboration import about
from storage.collaboration.rules.policies import Gold
from storage.collaboration.rules.starts import Start
from storage.engines.schema import Base
from storage.knowledge import examples
from storage.knowledge.notebook import Round
from storage.knowledge.versions.said import from_json
from storage.types import RunState, Source, Split, Stage, Status

WORDS: Mapping[str, type[StrEnum]] = {
    "annotations.status": Status,
    "documents.split": Split,
    "label_examples.kind": examples.Kind,
    "notebook_entries.state": Round,
    "projects.gold": Gold,
    "projects.start": Start,
    "promotions.stage": Stage,
    "queues.start": Start,
    "runs.state": RunState,
    "spans.source": Source,
    "threads.kind": about.Kind,
}


def _is_record(value: Any) -> bool:
    return isinstance(value, dict)


def _are_records(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_record, value))


def _are_labels(value: Any) -> bool:
    try:
        said = from_json(value)
    except (TypeError, KeyError, ValueError):
        return False
    return all(isinstance(each.id, int) and isinstance(each.since, int) for each in said)


FORMS: Mapping[str, Callable[[Any], bool]] = {
    "guideline_versions.labels": _are_labels,
    "notebook_entries.about": _is_record,
    "notebook_entries.brought": _is_record,
    "notebook_entries.done": _are_records,
    "projects.card": _is_record,
    "threads.cell": _is_record,
}


def broken(session: Session) -> str:
    """Return which column holds what cannot be there, "" where all is well."""
    for place, words in WORDS.items():
        table, _, column = place.partition(".")
        said = Base.metadata.tables[table].c[column]
        other = select(said).where(said.not_in([str(word) for word in words])).limit(1)
        if session.execute(other).first():
            return f"{place} holds no word of this version"
    for place, is_good in FORMS.items():
        table, _, column = place.partition(".")
        values = session.scalars(select(Base.metadata.tables[table].c[column]))
        if not all(value is None or is_good(value) for value in values):
            return f"{place} has another form"
    return ""
