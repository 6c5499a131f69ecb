"""What the Models page says of a version: when it became what it is, by whom, how good it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from pages.widgets.common import words
from pages.widgets.common.errors import literal
from storage.database.store import database
from storage.runs import reports
from storage.serving import versions
from storage.serving.versions import Promotion
from storage.types import Project

LONGEST_NOTE = 2_000
UNSCORED = "not scored: nothing was set aside"


@dataclass(frozen=True, slots=True)
class Scores:
    """By which figure each run of a project is known, and on how much it was scored."""

    short: str
    unit: str
    figures: Mapping[int, tuple[str, float]]
    supports: Mapping[int, int]

    def figure(self, run: int | None) -> float | None:
        """Return the figure itself; None where nothing was scored."""
        found = self.figures.get(run or 0)
        return found[1] if found else None

    def is_lower(self, run: int | None, other: int | None) -> bool:
        """Tell whether a run's figure is below another one's, where both are of the same split."""
        mine, others = (self.figures.get(each or 0) for each in (run, other))
        return bool(mine and others) and mine[0] == others[0] and mine[1] < others[1]

    def scored_on(self, run: int | None) -> str:
        """Say on what: "test, 214 spans"; "" where nothing was scored."""
        found = self.figures.get(run or 0)
        if found is None:
            return ""
        number = self.supports.get(run or 0)
        return found[0] if number is None else f"{found[0]}, {words.count(number, self.unit)}"

    def in_words(self, run: int | None) -> str:
        """Say both: "F1 0.872 on test, 214 spans"."""
        value = self.figure(run)
        if value is None:
            return UNSCORED
        return f"{self.short} {value:.3f} on {self.scored_on(run)}"


def scores(project: Project, run_ids: Collection[int]) -> Scores:
    """Read the figures of some of a project's runs."""
    db, said = database(), words.of(project)
    figures, supports = reports.headlines(db, run_ids), reports.supports(db, run_ids)
    return Scores(said.short, said.unit, figures, supports)


def in_words(promotion: Promotion) -> str:
    """Say what happened: "Run 7 live", "Run 5 live again", "Run 7 candidate"."""
    again = " again" if promotion.kind == versions.ROLLBACK else ""
    return f"{promotion.title} {promotion.stage}{again}"


def since(promotion: Promotion) -> str:
    """Say it in Markdown: since when it is so, by whom and why."""
    why = f": {literal(promotion.note)}" if promotion.note else ""
    return f"Since {when(promotion.at)}, by {literal(promotion.by)}{why}"


def when(at: str) -> str:
    """Return a moment as people here read it."""
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"
