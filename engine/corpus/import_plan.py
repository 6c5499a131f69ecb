"""What an import would bring in: counts, problems, a preview; nothing is changed by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.formats.common.columns import Column
from engine.formats.common.problems import sentence
from engine.formats.common.shape import SPANS, Shape
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
