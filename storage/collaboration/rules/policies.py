"""Policies: which of several people's versions of a document is its gold one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from storage.collaboration.rules.majority import majority
from storage.types import Merged, Status

Mark = tuple[int, int, int]
"""Start, end and label's id."""
MERGED = frozenset(map(str, Merged))


class Gold(StrEnum):
    """Whose labels count where several people have labelled a document."""

    NEWEST = "newest"
    PERSON = "person"
    MAJORITY = "majority"
    ADJUDICATED = "adjudicated"


@dataclass(frozen=True, slots=True)
class Policy:
    """A project's policy; ``annotator`` is whose labels count where it is one person's."""

    kind: Gold = Gold.NEWEST
    annotator: str = ""

    @property
    def is_newest(self) -> bool:
        return self.kind is Gold.NEWEST


@dataclass(frozen=True, slots=True)
class Version:
    """An annotation of a document as far as policies look at it; ``id`` is the row's."""

    id: int
    annotator: str
    status: str
    is_imported: bool = False

    @property
    def is_persons(self) -> bool:
        """Whether somebody made it, and it is nothing that was made of others, or came as it is."""
        return self.annotator not in MERGED and not self.is_imported

    @property
    def is_finished(self) -> bool:
        return self.status == Status.DONE


@dataclass(frozen=True, slots=True)
class Choice:
    """What is gold of a document: a version, marks to be held by none of them, or nothing."""

    version: int | None = None
    merged: tuple[Mark, ...] | None = None
    finished: bool = False
    """Whether what is gold is somebody's whole work, or a decision."""


Newest = Callable[[], int | None]
Marks = Callable[[int], Collection[Mark]]


def choose(policy: Policy, versions: Sequence[Version], newest: Newest, marks: Marks) -> Choice:
    """Return what is gold among a document's versions, which come in the order of their ids.

    ``newest`` tells which was edited last, ``marks`` what one holds; asked only where it matters.
    Where nobody has finished, the newest stands for how far the document is.
    """
    finished = [each for each in versions if each.is_persons and each.is_finished]
    match policy.kind:
        case Gold.PERSON:
            done = (each for each in versions if each.is_finished)
            theirs = [each.id for each in done if each.annotator == policy.annotator]
            if theirs:
                return Choice(theirs[0], finished=True)
        case Gold.MAJORITY if len(finished) > 1:
            return Choice(None, majority([marks(each.id) for each in finished]), True)
        case Gold.ADJUDICATED:
            decided = [each.id for each in versions if _is_decision(each)]
            if decided or len(finished) > 1:
                same = decided or _agreed(finished, marks)
                return Choice(same[0], finished=True) if same else Choice()
    if len(finished) == 1 and policy.kind in (Gold.MAJORITY, Gold.ADJUDICATED):
        return Choice(finished[0].id, finished=True)
    id = newest()
    return Choice(id, finished=any(each.id == id and each.is_finished for each in versions))


def _is_decision(version: Version) -> bool:
    return version.annotator == Merged.ADJUDICATED and version.is_finished


def _agreed(finished: Sequence[Version], marks: Marks) -> list[int]:
    """Return the versions where all have the same marks, else none."""
    held = [frozenset(marks(each.id)) for each in finished]
    return [each.id for each in finished] if len(set(held)) == 1 else []


def needs_marks(policy: Policy, versions: Iterable[Version]) -> list[int]:
    """Return the versions whose marks ``choose`` may ask for."""
    if policy.kind not in (Gold.MAJORITY, Gold.ADJUDICATED):
        return []
    found = [each.id for each in versions if each.is_persons and each.is_finished]
    return found if len(found) > 1 else []


def newest_of(versions: Iterable[Version], edited: Mapping[int, int]) -> int | None:
    """Return the version with the newest edit, by number and not by time: clocks jump.

    ``edited`` has the newest entry of the journal by version. Of versions that nobody has edited,
    all from one import, the first is the one that the file gave as its own.
    """
    known = [each for each in versions if each.annotator != Merged.MAJORITY]
    return max(known, key=lambda each: (edited.get(each.id, 0), -each.id)).id if known else None
