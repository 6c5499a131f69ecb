"""What two runs were given that is not the same: settings, documents, and people's marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import Any

from engine import tasks
from engine.runner.owning import folder_of
from engine.runs import files, snapshot, spec
from engine.tasks.base import Task
from storage.types import Document, Run, Span, Split


class What(StrEnum):
    """What became of a mark, or of a document, between two runs."""

    ADDED = "added"
    REMOVED = "removed"
    RELABELLED = "relabelled"
    """It has another label, and perhaps other borders too."""
    MOVED = "moved"
    """It has other borders, or for a document: it is in another split."""


@dataclass(frozen=True, slots=True)
class MarkChange:
    """A mark that only one of two runs knows, or that both know differently."""

    before: Span | None
    after: Span | None

    @property
    def what(self) -> What:
        if self.before is None:
            return What.ADDED
        if self.after is None:
            return What.REMOVED
        return What.MOVED if self.before.label == self.after.label else What.RELABELLED

    @property
    def labels(self) -> set[str]:
        """Return the label of each side that is there."""
        return {side.label for side in (self.before, self.after) if side}


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A document that two runs do not know alike; ``a`` and ``b`` are the splits it was in."""

    id: int
    name: str
    a: Split | None
    b: Split | None
    marks: tuple[MarkChange, ...] = ()
    other_text: bool = False
    """Its text was read in anew: marks of the two runs cannot be held against each other."""

    @property
    def labels(self) -> set[str]:
        """Return the labels of the marks that changed."""
        return {label for mark in self.marks for label in mark.labels}

    @property
    def what(self) -> What | None:
        """Return what became of the document itself; None where only its marks changed."""
        if self.a is None:
            return What.ADDED
        if self.b is None:
            return What.REMOVED
        return None if self.a is self.b else What.MOVED


@dataclass(frozen=True, slots=True)
class DataDifferences:
    """The documents that two runs do not know alike, in the order of their ids."""

    documents: tuple[DocumentChange, ...]

    def those(self, what: What) -> list[DocumentChange]:
        """Return the documents that were added, removed, moved, or whose marks changed."""
        if what is What.RELABELLED:
            return [each for each in self.documents if each.marks]
        return [each for each in self.documents if each.what is what]

    @property
    def labels(self) -> dict[str, Counter[What]]:
        """Count the changed marks by label; one that was relabelled counts for both labels."""
        found: dict[str, Counter[What]] = {}
        for mark in (mark for document in self.documents for mark in document.marks):
            for label in mark.labels:
                found.setdefault(label, Counter())[mark.what] += 1
        return dict(sorted(found.items()))

    @property
    def relabelled(self) -> Counter[tuple[str, str]]:
        """Count from which label to which marks went."""
        marks = (mark for document in self.documents for mark in document.marks)
        return Counter(
            (mark.before.label, mark.after.label)
            for mark in marks
            if mark.what is What.RELABELLED and mark.before and mark.after
        )


def of_settings(a: Run, b: Run) -> dict[str, tuple[Any, Any]]:
    """Return what two runs were asked differently, by name, as both were asked.

    ``base`` and ``labels`` (those that a model learns) stand beside the settings.

    Raises:
        InputError: the ``spec.json`` of a run is missing or broken.
    """
    one, other = (_asked(run) for run in (a, b))
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}


def _asked(run: Run) -> dict[str, Any]:
    found = spec.read(folder_of(run))
    return {"base": found.base, **asdict(found.settings), "labels": list(found.labels)}


def of_versions(a: Run, b: Run) -> dict[str, tuple[Any, Any]]:
    """Return which programs and machines two runs were made with that are not the same, by name.

    Raises:
        RunFolderError: the report of a run is missing or broken.
    """
    one, other = (_made_with(run) for run in (a, b))
    names = sorted({*one, *other})
    return {name: (one.get(name), other.get(name)) for name in names if _differs(name, one, other)}


def _made_with(run: Run) -> dict[str, Any]:
    report = files.read_object(folder_of(run) / files.REPORT)
    known = {"device": report.get("device"), **(report.get("versions") or {})}
    return {name: value for name, value in known.items() if isinstance(value, str | int | float)}


def _differs(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether both runs know of something, and not the same: older ones noted less."""
    return name in one and name in other and one[name] != other[name]


def of_data(a: Run, b: Run) -> DataDifferences:
    """Hold the frozen data of two runs against each other, without reading it all at once.

    Raises:
        RunFolderError: what a run has left is damaged.
    """
    task = tasks.get(spec.read(folder_of(b)).task)
    pairs = _side_by_side(*(snapshot.stream(folder_of(run), tokens=False) for run in (a, b)))
    found = (_change(task, *pair) for pair in pairs)
    return DataDifferences(tuple(sorted(filter(None, found), key=lambda each: each.id)))


def _side_by_side(
    a: Iterable[Document], b: Iterable[Document]
) -> Iterator[tuple[Document | None, Document | None]]:
    """Bring the two sides of each document together, in whatever order they come.

    What waits for its other half is kept: hardly anything, as both come in nearly one order.
    """
    waiting: tuple[dict[int | None, Document], dict[int | None, Document]] = ({}, {})
    for pair in zip_longest(a, b):
        for side, document in enumerate(pair):
            if document is None:
                continue
            other = waiting[1 - side].pop(document.id, None)
            if other is None:
                waiting[side][document.id] = document
            else:
                yield (other, document) if side else (document, other)
    yield from ((document, None) for document in waiting[0].values())
    yield from ((None, document) for document in waiting[1].values())


def _change(task: Task, a: Document | None, b: Document | None) -> DocumentChange | None:
    """Return what differs of a document; None where nothing does."""
    known = b or a
    assert known and known.id is not None, "frozen documents come from a database"
    other_text = bool(a and b) and _text(a) != _text(b)
    marks = _marks(task, a, b) if a and b and not other_text else ()
    before, after = (each.split if each else None for each in (a, b))
    found = DocumentChange(known.id, known.name, before, after, marks, other_text)
    return found if found.what or marks or other_text else None


def _text(document: Document | None) -> tuple[str, str | None] | None:
    return (document.text, document.second_text) if document else None


def _marks(task: Task, a: Document, b: Document) -> tuple[MarkChange, ...]:
    """Match the marks of before with those of after as gold marks are with predicted ones."""
    if sorted(a.spans) == sorted(b.spans):
        return ()
    pairs = [(match.gold, match.predicted) for match in task.match([a], [b.spans])]
    # A task need not match what has no other side.
    gone = Counter(a.spans) - Counter(before for before, _ in pairs if before)
    came = Counter(b.spans) - Counter(after for _, after in pairs if after)
    pairs += [*((mark, None) for mark in gone), *((None, mark) for mark in came)]
    return tuple(MarkChange(*pair) for pair in pairs if pair[0] != pair[1])


def payload(settings: Mapping[str, tuple[Any, Any]], data: DataDifferences) -> dict[str, Any]:
    """Return both as JSON holds them, under ``settings`` and ``data``."""
    return {
        "settings": {name: {"a": a, "b": b} for name, (a, b) in settings.items()},
        "data": {
            **{str(what): len(data.those(what)) for what in What},
            "labels": {
                name: {str(what): counts[what] for what in What}
                for name, counts in data.labels.items()
            },
            "documents": [_document(each) for each in data.documents],
        },
    }


def _document(change: DocumentChange) -> dict[str, Any]:
    return {
        "document": change.id,
        "name": change.name,
        "a": change.a and str(change.a),
        "b": change.b and str(change.b),
        "other_text": change.other_text,
        "marks": [
            {"change": str(mark.what), "before": _mark(mark.before), "after": _mark(mark.after)}
            for mark in change.marks
        ],
    }


def _mark(span: Span | None) -> dict[str, Any] | None:
    return {"start": span.start, "end": span.end, "label": span.label} if span else None
