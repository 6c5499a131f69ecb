"""Which documents of a project are the same, or nearly (``engine.corpus.duplicates``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.corpus import duplicates
from engine.corpus.duplicates import Group, Progress, Text
from storage.corpus.staging import Stage
from storage.database.connection import Database
from storage.finding import facets, occurrences
from storage.finding.facets import FacetIndex
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

    def read(ids: Sequence[int]) -> Mapping[int, str]:
        return _read(db, ids)

    groups = duplicates.find(_texts(db, project_id, index), read, progress=progress)
    return _told(groups, index.every.bit_count(), index.stamp.document)


def near_stage(
    db: Database, project_id: int | None, stage: Stage, progress: Progress = lambda done: None
) -> Duplicates:
    """Compare staged documents with each other and with a project's.

    Theirs are negative numbers in the groups. Left out are groups without one of them, and those
    whose texts are the same: they are told anyway. Raises what ``progress`` raises.
    """

    def texts() -> Iterator[Text]:
        for number, text, second, split in stage.texts():
            yield Text(-number, _joined(text, second), split)
        if project_id is not None:
            yield from _texts(db, project_id, facets.index(db, project_id))

    def read(ids: Sequence[int]) -> Mapping[int, str]:
        staged = stage.texts_of([-id for id in ids if id < 0])
        found = {-n: _joined(text, second) for n, (text, second, _) in staged.items()}
        return found | _read(db, [id for id in ids if id > 0])

    groups = duplicates.find(texts(), read, progress=progress)
    # The staged ones are the first of each group: their numbers are the lowest.
    near = [each for each in groups if each.members[0] < 0 and not each.exact]
    return _told(near, stage.documents)


def _texts(db: Database, project_id: int, index: FacetIndex) -> Iterator[Text]:
    """Yield the texts of a project, each with its split."""
    where = {split: bit_sets.flags(index.having(Facet.SPLIT, split)) for split in Split}
    for id, text, second in occurrences.whole_texts(db, project_id):
        inside = (name for name, held in where.items() if id < len(held) and held[id])
        yield Text(id, _joined(text, second), next(inside, None))


def _read(db: Database, ids: Sequence[int]) -> dict[int, str]:
    found = occurrences.both_texts(db, ids)
    return {id: _joined(*both) for id, both in found.items()}


def _told(groups: Sequence[Group], documents: int, newest: int = 0) -> Duplicates:
    return Duplicates(
        documents,
        sum(group.size - 1 for group in groups),
        sum(group.across for group in groups),
        len(groups),
        tuple(groups[:LISTED]),
        newest,
    )


def _joined(text: str, second: str | None) -> str:
    return text if second is None else f"{text}\n{second}"
