"""When too many texts come: surges and slow drifts, at a rate of false alarms that is chosen.

Each bin of each series is tested once, so ``alarms_per_year`` a topic divided by the tests of a
year is how rare a count must be. The rate is that of a topic: where a second model splits it, all
its series share it. Seven tenths go to surges, the rest to drifts. Only more is an alarm.

A *surge* is a count that a negative binomial around what is usual would not bring (see
``baseline``); days of one surge are one alarm. A *drift* is an exponentially weighted moving
average of how far the counts lie from what was usual six weeks before, beyond its control limit
(Roberts 1959, Technometrics 1:239; ``chance.ewma_limit``); a few loud days are not allowed to
make one, and a surge that was told is not told again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np

from engine.monitoring import baseline, chance
from engine.monitoring.counting import ALL, Series
from engine.monitoring.rhythm import RHYTHMS, By, Rhythm
from engine.monitoring.yearly import Yearly
from storage.errors import InputError

SURGES_SHARE = 0.7
# Fewer are no surge, however rare.
LEAST_COUNT = 3
# A count below this many standard deviations is not looked at closely.
_LOOK = 1.0
# What is rarer than that is no part of the past that tells what is usual, unless it goes on.
_RARE = 0.002
# A day counts for a drift as if it were no farther than this from what is usual.
_LOUDEST = 3.0
# A drift is over, and the next another one, below this share of its limit.
_OVER = 0.5
MOST_ALARMS_PER_YEAR = 100.0


class AlarmKind(StrEnum):
    """What an alarm is about."""

    SURGE = "surge"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Too many texts of a series in one bin, or more and more of them."""

    kind: AlarmKind
    topic: str
    label: str
    date: date
    """The first day of the bin."""
    count: int
    """Texts in the bin; of a drift, in as many bins as its average holds."""
    expected: float
    p: float
    """How probable so many are by chance."""
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return what a command prints."""
        return {
            "kind": str(self.kind),
            "topic": self.topic,
            "label": self.label,
            "date": self.date.isoformat(),
            "count": self.count,
            "expected": round(self.expected, 2),
            "p": self.p,
            "reason": self.reason,
        }


def check_rate(alarms_per_year: float) -> float:
    """Return the rate; raise InputError where it is none that can be held."""
    if not 0 < alarms_per_year <= MOST_ALARMS_PER_YEAR:
        raise InputError(
            f"{alarms_per_year:g} alarms a year is no rate: choose more than 0 and at most "
            f"{MOST_ALARMS_PER_YEAR:g}; 1 means one false alarm for each topic in a year."
        )
    return alarms_per_year


def find(known: Sequence[Series], alarms_per_year: float) -> list[Alarm]:
    """Return the alarms of series of one kind of bin and one time, by date, the rarest first.

    The series of all texts is not tested. Raises InputError for a rate that cannot be held.
    """
    check_rate(alarms_per_year)
    tested = [each for each in known if (each.topic, each.label) != ALL]
    if not tested:
        return []
    rhythm = RHYTHMS[By(tested[0].by)]
    parts = Counter(each.topic for each in tested)
    rates = np.array([alarms_per_year / parts[each.topic] for each in tested])
    counts = np.stack([each.counts for each in tested]).astype(float)
    days = np.arange(counts.shape[1]) + tested[0].start.toordinal()
    surges = _Surges(tested, rhythm, rates * SURGES_SHARE / rhythm.per_year)
    surges.scan(counts, days)
    drifts = _Drifts(tested, rhythm, rhythm.per_year / (rates * (1 - SURGES_SHARE)))
    drifts.scan(counts, days, surges)
    found = [*surges.found, *drifts.found]
    return sorted(found, key=lambda alarm: (alarm.date, alarm.p, alarm.topic, alarm.label))


def _blocks(bins: int, first: int, width: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a series that one look at the past is for."""
    for begin in range(first, bins, width):
        yield begin, min(begin + width, bins)


def _ahead(days: np.ndarray, last: int, rhythm: Rhythm) -> np.ndarray:
    """Return the design of days after the past whose last day is ``last``."""
    return baseline.design(np.append(days, last), rhythm)[:-1]


def brief(rare: np.ndarray, rhythm: Rhythm) -> np.ndarray:
    """Return which rare bins, of (series, bins), are part of a short time of them.

    A surge that is over tells nothing of what is usual; many that lie close together would hide
    the next one. What has gone on for long is what is usual by now.
    """
    found = np.zeros_like(rare)
    for row, at in enumerate(map(np.flatnonzero, rare)):
        for part in np.split(at, np.flatnonzero(np.diff(at) > rhythm.quiet) + 1):
            if len(part) and part[-1] - part[0] < rhythm.stays:
                found[row, part] = True
    return found


class _Surges:
    """Counts that are too high for one bin."""

    def __init__(self, tested: Sequence[Series], rhythm: Rhythm, rarity: np.ndarray) -> None:
        self.found: list[Alarm] = []
        self.loud = np.zeros((len(tested), len(tested[0].counts)), dtype=bool)
        """Which bins are part of a surge: (series, bins)."""
        self.rare = np.zeros_like(self.loud)
        """Which bins are so rare that they tell nothing of what is usual: (series, bins)."""
        self._tested, self._rhythm, self._rarity = tested, rhythm, rarity

    def scan(self, counts: np.ndarray, days: np.ndarray) -> None:
        """Test every bin that has a past."""
        rhythm, year = self._rhythm, Yearly(counts, days, self._rhythm)
        for begin, end in _blocks(counts.shape[1], rhythm.least, rhythm.refit):
            first = max(0, begin - rhythm.window)
            past = slice(first, begin)
            season = year.offset(begin, slice(first, end))
            fitted = baseline.fit(
                counts[:, past],
                baseline.design(days[past], rhythm),
                season[:, : begin - first],
                brief(self.rare[:, past], rhythm),
            )
            ahead = _ahead(days[begin:end], days[begin - 1], rhythm), season[:, begin - first :]
            expected, variance = fitted.expect(*ahead), fitted.variance(*ahead)
            self._test(counts[:, begin:end], expected, variance, begin)

    def _test(
        self, counts: np.ndarray, expected: np.ndarray, variance: np.ndarray, begin: int
    ) -> None:
        high = (counts > expected + _LOOK * np.sqrt(variance)) & (counts >= LEAST_COUNT)
        for row, place in np.argwhere(high).tolist():
            count, usual = int(counts[row, place]), float(expected[row, place])
            p = chance.upper_tail(count, usual, float(variance[row, place]))
            at = begin + place
            self.rare[row, at] = p < _RARE
            if p >= self._rarity[row]:
                continue
            before = self.loud[row, max(0, at - self._rhythm.quiet) : at]
            if not before.any():
                self.found.append(self._alarm(self._tested[row], at, count, usual, p))
            self.loud[row, at] = True

    def _alarm(self, series: Series, at: int, count: int, usual: float, p: float) -> Alarm:
        times = f"{count / usual:.1f} times as many" if usual >= 0.05 else "nearly none are usual"
        reason = (
            f"{count:,} texts where {usual:,.1f} were expected ({times}); by chance that comes "
            f"{often(p, self._rhythm.per_year)}.{_of_all(series, at, self._rhythm.window)}"
        )
        where = series.topic, series.label, series.day(at)
        return Alarm(AlarmKind.SURGE, *where, count, usual, p, reason)


class _Drifts:
    """Counts that grow slowly: each bin is usual, all together are not."""

    def __init__(self, tested: Sequence[Series], rhythm: Rhythm, lengths: np.ndarray) -> None:
        self.found: list[Alarm] = []
        self._tested, self._rhythm = tested, rhythm
        known = {length: chance.ewma_limit(rhythm.weight, length) for length in set(lengths)}
        self._limits = np.array([known[length] for length in lengths])
        self._ready = np.ones(len(tested), dtype=bool)
        age = np.arange(rhythm.memory)[::-1]
        self._weights = rhythm.weight * (1 - rhythm.weight) ** age

    def scan(self, counts: np.ndarray, days: np.ndarray, surges: _Surges) -> None:
        """Hold the last bins against what was usual before them, bin after bin."""
        rhythm, year = self._rhythm, Yearly(counts, days, self._rhythm)
        for begin, end in _blocks(counts.shape[1], 2 * rhythm.least + rhythm.memory, rhythm.refit):
            until = begin - rhythm.memory
            first = max(0, until - rhythm.window)
            past = slice(first, until)
            season = year.offset(until, slice(first, end))
            fitted = baseline.fit(
                counts[:, past],
                baseline.design(days[past], rhythm),
                season[:, : until - first],
                brief(surges.rare[:, past], rhythm),
            )
            recent = slice(until, end)
            described = _ahead(days[recent], days[until - 1], rhythm)
            expected = fitted.expect(described, season[:, until - first :])
            spread = np.sqrt(fitted.dispersion[:, None] * expected)
            apart = ((counts[:, recent] - expected) / spread).clip(-_LOUDEST, _LOUDEST)
            for at in range(begin, end):
                part = slice(at + 1 - rhythm.memory - until, at + 1 - until)
                scale = (expected[:, part] / spread[:, part] * self._weights) @ described[part]
                unsure = np.einsum("mi,mij,mj->m", scale, fitted.covariance, scale)
                average = apart[:, part] @ self._weights
                height = average / np.sqrt((self._weights**2).sum() + unsure)
                height -= self._skewed(expected[:, part], fitted.dispersion)
                told = surges.loud[:, max(0, at - 2 * rhythm.quiet) : at + 1]
                quiet = np.logical_not(told.any(axis=1))
                self._judge(at, height, quiet, counts, expected[:, part].sum(axis=1))

    def _skewed(self, expected: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
        """Return how much farther the limit lies because few texts make a skewed average.

        The first term of Cornish and Fisher's expansion (1938), with the skewness of negative
        binomial counts.
        """
        mean = expected.mean(axis=1)
        skewness = (2 * dispersion - 1) / np.sqrt(dispersion * mean.clip(min=1e-3))
        skewness *= (self._weights**3).sum() / (self._weights**2).sum() ** 1.5
        return skewness * (self._limits**2 - 1) / 6

    def _judge(
        self,
        at: int,
        height: np.ndarray,
        quiet: np.ndarray,
        counts: np.ndarray,
        expected: np.ndarray,
    ) -> None:
        beyond = height > self._limits
        for row in map(int, np.nonzero(beyond & self._ready)[0]):
            recent = int(counts[row, at + 1 - self._rhythm.memory : at + 1].sum())
            if quiet[row] and recent >= LEAST_COUNT:
                self.found.append(
                    self._alarm(self._tested[row], at, recent, float(expected[row]), height[row])
                )
        self._ready = np.where(beyond, False, self._ready | (height < _OVER * self._limits))

    def _alarm(self, series: Series, at: int, count: int, usual: float, height: float) -> Alarm:
        weeks = self._rhythm.memory // (7 if series.by is By.DAY else 1)
        # As the tail of one look at the average: neighbouring looks are nearly the same.
        p = max(chance.LEAST, 1 - chance.NORMAL.cdf(float(height)))
        reason = (
            f"More and more: {count:,} texts in the last {weeks} weeks where {usual:,.0f} were "
            f"usual before; no single {series.by} stands out, their average does."
        )
        where = series.topic, series.label, series.day(at)
        return Alarm(AlarmKind.DRIFT, *where, count, usual, p, reason)


def often(p: float, per_year: float) -> str:
    """Say how often something comes by chance in bins of which there are so many in a year."""
    years = 1 / (p * per_year)
    if years < 1:
        return f"{1 / years:.0f} times a year"
    if years < 1000:
        return "once a year" if years < 1.5 else f"once in {years:,.0f} years"
    return "less than once in a thousand years"


def _of_all(series: Series, at: int, window: int) -> str:
    """Say in a sentence, begun by a blank, whether all texts together rose as well."""
    before = series.totals[max(0, at - window) : at]
    usual = float(np.median(before)) if len(before) else 0.0
    total = int(series.totals[at])
    if usual <= 0 or total < 1.5 * usual:
        return ""
    return f" All texts together: {total:,} where {usual:,.0f} are usual."
