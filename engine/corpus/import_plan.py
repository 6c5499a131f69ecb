"""What an import would bring in: counts, problems, a preview; nothing is changed by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.formats.common.columns import Column
from engine.formats.common.problems import sentence
from engine.formats.common.shape import SPANS, Shape
from storage.actions.onto import Outcome, Unmatched
from storage.corpus.staging import Stage
from storage.errors import InputError
from storage.types import Document, Problem, Severity, Split

PREVIEWED = 3


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
    encoding: str = ""
    """What its text was read as, in words; "" of a file that is no text, or that holds others."""
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """Groups of texts that are nearly the same, of which one at least would come in."""

    groups: int
    across: int
    """How many of them are in several splits."""
    problems: tuple[Problem, ...]
    """The first of them, each where its first text stands."""


@dataclass(frozen=True)
class ImportPlan:
    """What an import would bring in. ``refused`` plans must not be added."""

    stage: Stage = field(compare=False)
    files: tuple[FilePlan, ...] = ()
    labels: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    leaking: int = 0
    """How many of the duplicates are to learn from and to measure on at once."""
    problems: tuple[Problem, ...] = ()
    skip_bad: bool = False
    shape: Shape = SPANS
    sampled: int = 0
    mined: int = 0
    """How many pairs nobody chose: drawn at random, and among what is most alike."""
    outcome: Outcome | None = None
    """What became, or would, of labels for documents that are there; None for new documents."""
    near: Near | None = None
    """Which texts are nearly the same; None where nobody asked."""

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
    def documents_to_add(self) -> tuple[Document, ...]:
        """All documents at once, of files that are known to be small."""
        return tuple(self.stage.read())

    @property
    def unmatched(self) -> tuple[Problem, ...]:
        """What got onto no document, by file and line; the last says how many are not listed."""
        if self.outcome is None:
            return ()
        found = [self._unmatched(each) for each in self.outcome.unmatched]
        if more := self.outcome.missed - len(found):
            message = f"{more:,} more that got onto no document are not listed."
            found.append(Problem(Severity.WARNING, self.files[-1].name, 0, message))
        return tuple(found)

    def _unmatched(self, each: Unmatched) -> Problem:
        file, line = self.files[each.place.file].name, each.place.line
        # What has no name of its own is called by its place, which is said anyway.
        is_named = each.document and not each.document.startswith(f"{file}:")
        said = f"{each.document}: {each.reason}" if is_named else _capital(each.reason)
        return Problem(Severity.WARNING, file, line, f"{said}.")

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
        return self.stage.preview(PREVIEWED)

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
            **({"duplicates_across_splits": self.leaking} if self.leaking else {}),
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


def _summary(file: FilePlan) -> dict[str, object]:
    return {
        "name": file.name,
        "format": file.format,
        "split": str(file.split),
        "documents": file.documents,
        "columns": {column.name: column.role for column in file.columns},
    }


def _capital(reason: str) -> str:
    return reason[:1].upper() + reason[1:]
