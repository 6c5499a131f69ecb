"""What an import would bring in: counts, problems, a preview; nothing is changed by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.formats.common.columns import Column
from engine.formats.common.problems import Problems, sentence
from engine.formats.common.shape import SPANS, Shape
from storage.errors import InputError
from storage.types import Document, Problem, Severity, Span, Split

PREVIEWED = 3
# The file, by its place among the files from 0, and the line at which a document begins.
Place = tuple[int, int]


@dataclass(frozen=True)
class FilePlan:
    """What one file brings in: its format, its share of the counts and a table's columns."""

    name: str
    format: str
    split: Split
    documents: int
    tokens: int
    spans: int
    scheme: str | None = None
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True)
class ImportPlan:
    """What an import would bring in. ``refused`` plans must not be added."""

    documents_to_add: tuple[Document, ...] = ()
    places: tuple[Place, ...] = ()
    files: tuple[FilePlan, ...] = ()
    labels: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    problems: tuple[Problem, ...] = ()
    skip_bad: bool = False
    shape: Shape = SPANS
    sampled: int = 0
    mined: int = 0
    """How many pairs nobody chose: drawn at random, and among what is most alike."""

    @property
    def documents(self) -> int:
        return sum(file.documents for file in self.files)

    @property
    def tokens(self) -> int:
        return sum(file.tokens for file in self.files)

    @property
    def spans(self) -> int:
        return sum(file.spans for file in self.files)

    @property
    def scheme(self) -> str | None:
        """The tag scheme, several joined by a comma, None where no file has tags."""
        found = dict.fromkeys(file.scheme for file in self.files if file.scheme)
        return ", ".join(found) or None

    @property
    def overlaps(self) -> bool:
        """Tell whether a new project must allow overlaps: several labels, or spans that do."""
        return self.shape.several or any(overlap(document) for document in self.documents_to_add)

    @property
    def negatives(self) -> dict[str, int]:
        """Return how many pairs were made up, by how."""
        return {"sampled": self.sampled, "mined": self.mined}

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    @property
    def refused(self) -> bool:
        return bool(self.errors)

    @property
    def preview(self) -> tuple[Document, ...]:
        """Return a few documents that show what would come in: the first ones with spans."""
        marked = [document for document in self.documents_to_add if document.spans]
        others = [document for document in self.documents_to_add if not document.spans]
        return tuple([*marked[:PREVIEWED], *others[:PREVIEWED]][:PREVIEWED])

    def check(self, advice: Mapping[str, str] | None = None) -> None:
        """Raise InputError with the first error in one sentence if the plan is refused.

        ``advice`` is as for `formats.base.sentence`.
        """
        if errors := self.errors:
            more = f" (and {len(errors) - 1:,} more)" if len(errors) > 1 else ""
            raise InputError(sentence(errors[0], advice) + more)

    def summary(self) -> dict[str, object]:
        """Return the counts and problems as the command line prints them in JSON."""
        return {
            "documents": self.documents,
            "tokens": self.tokens,
            "spans": self.spans,
            "labels": self.labels,
            "scheme": self.scheme,
            "duplicates": self.duplicates,
            **({"negatives": self.negatives} if self.shape.second else {}),
            "files": [_summary(file) for file in self.files],
            "problems": [
                {
                    "severity": str(problem.severity),
                    "file": problem.file,
                    "line": problem.line,
                    "message": problem.message,
                }
                for problem in self.problems
            ],
        }


def with_refusals(found: ImportPlan, refusals: Iterable[tuple[int, str]]) -> ImportPlan:
    """Return a plan that also says which of its documents the database refuses, and why.

    Each is told with its line, as a bad row; where bad rows are skipped it leaves the plan.
    """
    reports = [Problems(file.name, found.skip_bad) for file in found.files]
    gone = set()
    for number, message in refusals:
        file, line = found.places[number]
        reports[file].drop(line, message.rstrip("."))
        gone.add(number)
    if not gone:
        return found
    more = tuple(problem for report in reports for problem in report.listed())
    order = {file.name: number for number, file in enumerate(found.files)}
    problems = sorted((*found.problems, *more), key=lambda p: (order.get(p.file, 0), p.line))
    found = replace(found, problems=tuple(problems))
    return _without(found, gone) if found.skip_bad else found


def _without(found: ImportPlan, gone: Collection[int]) -> ImportPlan:
    """Return a plan without some of its documents, counted anew."""
    kept = [number for number in range(len(found.places)) if number not in gone]
    documents = [found.documents_to_add[number] for number in kept]
    places = [found.places[number] for number in kept]
    files = []
    for number, file in enumerate(found.files):
        own = [d for d, (at, _) in zip(documents, places, strict=True) if at == number]
        files.append(replace(file, **counts(own)))
    return replace(
        found,
        documents_to_add=tuple(documents),
        places=tuple(places),
        files=tuple(files),
        labels=labels_of(documents),
    )


def _summary(file: FilePlan) -> dict[str, object]:
    return {
        "name": file.name,
        "format": file.format,
        "split": str(file.split),
        "documents": file.documents,
        "columns": {column.name: column.role for column in file.columns},
    }


def counts(documents: Collection[Document]) -> dict[str, Any]:
    """Return a file's share of the counts."""
    return {
        "documents": len(documents),
        "tokens": sum(len(document.tokens) for document in documents),
        "spans": sum(len(document.spans) for document in documents),
    }


def labels_of(documents: Iterable[Document]) -> dict[str, int]:
    """Count the spans of each label."""
    counts = Counter(span.label for document in documents for span in document.spans)
    return dict(sorted(counts.items()))


def overlap(document: Document) -> tuple[Span, Span] | None:
    """Return two spans that overlap, None where none do."""
    last: Span | None = None
    for span in sorted(document.spans):
        if last is not None and span.start < last.end:
            return last, span
        last = span if last is None or span.end > last.end else last
    return None
