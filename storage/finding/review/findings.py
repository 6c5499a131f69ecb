"""A finding: a place that is worth a look, why, and what that should bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.engines.schema import RunRow
from storage.types import Span


class Origin(StrEnum):
    """Who says that a place is worth a look."""

    ERROR = "error"
    SUSPECT = "suspect"
    DOUBT = "uncertain"
    DISAGREEMENT = "disagreement"


@dataclass(frozen=True, slots=True)
class Finding:
    """A place that is worth a look, why, and what that should bring.

    Of a document that only is doubted, and in which nothing is suggested, both sides are None.
    """

    document: int
    given: Span | None
    suggested: Span | None
    origins: tuple[Origin, ...]
    reasons: tuple[str, ...]
    chance: float
    """How likely looking mends something, from 0 to 1."""
    gain: float = 0.0
    """Points of F1 that are expected of it: ``chance`` times what its marks are worth."""

    @property
    def labels(self) -> set[str]:
        """The labels of which a mark more, or a wrong one less, would be known."""
        return {side.label for side in (self.given, self.suggested) if side}

    @property
    def reason(self) -> str:
        """Say why it is here, and what it is worth."""
        first, *others = self.reasons
        said = "; ".join([first, *(other[:1].lower() + other[1:] for other in others)])
        if not self.origins:
            return f"{said}."
        whose = f" of {' and '.join(sorted(self.labels))}" if self.labels else ""
        worth = f"{self.gain:.2f}" if self.gain >= 0.005 else "less than 0.01"
        return f"{said}. Worth about {worth} points{whose}."

    @property
    def place(self) -> tuple[int, int, int]:
        """Where it is: equal of findings that are about the same words."""
        side = self.given or self.suggested
        return (self.document, side.start, side.end) if side else (self.document, -1, -1)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of all documents without reading them (``storage.finding.review_list``)."""

    disagreeing: Sequence[int]
    """Where people and the newest model do not agree, where the model is surest first."""
    sentences: Mapping[str, int]
    """In how many documents of train each label is; of one document nobody asks."""
    to_do: int
    """The set of the documents that may be labelled next (``bit_sets``): neither done nor skipped,
    nor flagged, nor of dev or test, which must stay a fair sample."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which project, and of which document, if of one."""

    session: Session
    project: int
    document: int | None
    known: Known

    def only(self, column: InstrumentedAttribute[int]) -> list[ColumnElement[bool]]:
        """Return the condition that a column names the document."""
        return [] if self.document is None else [column == self.document]

    def newest(self, *where: ColumnElement[bool]) -> int | None:
        """Return the newest run of the project that fulfils conditions."""
        query = select(RunRow.id).where(RunRow.project_id == self.project, *where)
        return self.session.scalar(query.order_by(RunRow.id.desc()).limit(1))

    def title(self, run: int) -> str:
        """Name a run in the middle of a sentence."""
        number = self.session.scalar(select(RunRow.number).where(RunRow.id == run))
        return f"run {number}" if number else f"run {run}"
