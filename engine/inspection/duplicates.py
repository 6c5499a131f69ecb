"""Which documents of a project are the same, or nearly (``engine.corpus.duplicates``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.corpus import duplicates
from engine.corpus.duplicates import Group, Progress, Text
from storage.database.connection import Database
from storage.finding import facets, occurrences
from storage.finding.sets import bit_sets
from storage.finding.sets.memberships import Facet
from storage.types import Split

# Beyond these a list is no longer read.
LISTED = 1_000


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What a search for duplicates found in a project."""

    documents: int
    """How many were compared."""
    more: int
    """How many could go without a text being lost: all of each group but one."""
    across: int
    """How many groups are in several splits."""
    total: int
    """How many groups there are."""
    groups: tuple[Group, ...]
    """The first of them: those across splits, then the largest."""
    newest: int = 0
    """The project's newest document of then."""


def of_project(db: Database, project_id: int, progress: Progress = lambda done: None) -> Duplicates:
    """Compare all documents of a project; raises what ``progress`` raises, who can end it so."""
    index = facets.index(db, project_id)
    where = {split: bit_sets.flags(index.having(Facet.SPLIT, split)) for split in Split}

    def texts() -> Iterator[Text]:
        for id, text, second in occurrences.whole_texts(db, project_id):
            inside = (name for name, held in where.items() if id < len(held) and held[id])
            yield Text(id, _joined(text, second), next(inside, None))

    def read(ids: Sequence[int]) -> Mapping[int, str]:
        found = occurrences.both_texts(db, ids)
        return {id: _joined(*both) for id, both in found.items()}

    groups = duplicates.find(texts(), read, progress=progress)
    return Duplicates(
        index.every.bit_count(),
        sum(group.size - 1 for group in groups),
        sum(group.across for group in groups),
        len(groups),
        tuple(groups[:LISTED]),
        index.stamp.document,
    )


def _joined(text: str, second: str | None) -> str:
    return text if second is None else f"{text}\n{second}"
