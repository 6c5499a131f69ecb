"""How often a model no longer finds what it found before a change, for each change and label.

What counts is a mark that was right on the text as it is. It fails where the model, on the
changed text, does not give the same label to the same words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.evaluation.bootstrap import Interval
from storage.types import Document, ErrorKind, Match, Span


@dataclass(frozen=True, slots=True)
class Failure:
    """A changed text on which a model does not find all that it found before."""

    document: int
    test: str
    text: str
    expected: tuple[Span, ...]
    """Where the marks that it found before are in the changed text."""
    found: tuple[Span, ...]

    @property
    def missing(self) -> list[Span]:
        """The expected marks that are not found any more."""
        return [span for span in self.expected if span not in self.found]


@dataclass(frozen=True, slots=True)
class Rate:
    """Of so many marks so many failed, in so many texts."""

    marks: int
    failures: int
    texts: int = 0

    @property
    def share(self) -> float:
        """The failure rate, from 0 to 1; 0 without a mark."""
        return self.failures / self.marks if self.marks else 0.0

    @property
    def interval(self) -> Interval:
        """Where the rate lies at 95 %."""
        return Interval.of_share(self.failures, self.marks)

    def to_json(self) -> dict[str, int]:
        """Return what a report holds."""
        return {"marks": self.marks, "failures": self.failures, "texts": self.texts}


@dataclass(frozen=True, slots=True)
class Result:
    """What one change did: the documents that it changed, all marks, and the marks of each label.

    The rates count the marks that were right before.
    """

    test: str
    documents: int
    rate: Rate
    labels: Mapping[str, Rate]

    def to_json(self) -> dict[str, Any]:
        """Return what a report holds."""
        labels = {label: rate.to_json() for label, rate in self.labels.items()}
        own = {"test": self.test, "documents": self.documents}
        return {**own, **self.rate.to_json(), "labels": labels}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Result:
        """Return a result from what a report holds."""

        def rate(values: Mapping[str, Any]) -> Rate:
            return Rate(values["marks"], values["failures"], values["texts"])

        labels = {label: rate(values) for label, values in row["labels"].items()}
        return cls(row["test"], row["documents"], rate(row), labels)


def right(matches: Iterable[Match]) -> dict[int, tuple[Span, ...]]:
    """Return, for each document that has one, the marks that were found as they are."""
    found: dict[int, list[Span]] = {}
    for match in matches:
        if match.kind is ErrorKind.EXACT and match.gold:
            found.setdefault(match.document, []).append(match.gold)
    return {document: tuple(spans) for document, spans in found.items()}


def judge(
    test: str,
    changed: Sequence[Document],
    found: Sequence[Sequence[Span]],
    matches: Iterable[Match],
) -> tuple[Result, list[Failure]]:
    """Count what one change made a model lose.

    Args:
        changed: documents with the marks that were right before, where they are now.
        found: the marks that the model finds in each of them.
        matches: both held against each other, as the task does.
    """
    lost: dict[int, list[Span]] = {}
    for match in matches:
        if match.gold and match.kind is not ErrorKind.EXACT:
            lost.setdefault(match.document, []).append(match.gold)
    failures = [
        Failure(document.id or 0, test, document.text, document.spans, tuple(spans))
        for document, spans in zip(changed, found, strict=True)
        if document.id in lost
    ]
    return Result(test, len(changed), *_rates(changed, lost)), failures


def _rates(
    changed: Collection[Document], lost: Mapping[int, Sequence[Span]]
) -> tuple[Rate, dict[str, Rate]]:
    marks = Counter(span.label for document in changed for span in document.spans)
    failed = Counter(span.label for spans in lost.values() for span in spans)
    texts = Counter(label for spans in lost.values() for label in {span.label for span in spans})
    labels = {label: Rate(marks[label], failed[label], texts[label]) for label in sorted(marks)}
    return Rate(marks.total(), failed.total(), len(lost)), labels
