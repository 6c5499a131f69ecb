"""Which of the documents that wait for a decision comes first, and why. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from storage.collaboration.cases import Case, Standing

Confused = Mapping[frozenset[str], int]
"""How often a model confuses two labels, either way; of one alone: a label and nothing."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a document is where it is: ``labels`` are those that the model confuses ``times``."""

    labels: tuple[str, ...] = ()
    times: int = 0
    places: int = 0
    changed: bool = False

    @property
    def words(self) -> str:
        """Say it to people."""
        said = ["changed since it was decided"] if self.changed else []
        if self.times:
            named = " or ".join(self.labels) if len(self.labels) > 1 else f"{self.labels[0]} or not"
            said.append(f"{named}: the model confuses these {_times(self.times)}")
        else:
            said.append(
                f"{self.places:,} {'place differs' if self.places == 1 else 'places differ'}"
            )
        return "; ".join(said)


def rank(cases: Iterable[Case], confused: Confused) -> list[tuple[int, Reason]]:
    """Return documents with their reasons: first those on what a model confuses most.

    A decision there settles what it cannot learn from people who contradict each other. Of equal
    ones those with most places come first, then in the order of import.
    """
    # Most disagree as many others do: of a large project thousands of cases have one reason.
    reasons: dict[tuple[tuple[frozenset[str], ...], Standing], Reason] = {}
    found = []
    for case in cases:
        alike = case.clashes, case.standing
        if alike not in reasons:
            reasons[alike] = _reason(case, confused)
        found.append((case.document, reasons[alike]))
    return sorted(found, key=lambda each: (-each[1].times, -each[1].places, each[0]))


def _reason(case: Case, confused: Confused) -> Reason:
    pairs = {pair for clash in case.clashes for pair in _pairs(clash)}
    worst = max(pairs, key=lambda pair: (confused.get(pair, 0), sorted(pair)), default=frozenset())
    times = confused.get(worst, 0)
    labels = tuple(sorted(worst)) if times else ()
    return Reason(labels, times, len(case.clashes), case.standing is Standing.CHANGED)


def _pairs(labels: frozenset[str]) -> list[frozenset[str]]:
    if len(labels) == 1:
        return [labels]
    return [frozenset(pair) for pair in combinations(labels, 2)]


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"
