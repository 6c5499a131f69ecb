"""How soon does a monitor see a surge, and how often does it cry wolf? A seeded simulation.

Two years of daily texts a topic, with weekdays, a little growth and counts that are Poisson or
vary more; in the second year each topic has surges (x1.5, x2, x4 for five days, in turn) or one
slow drift (twice as many within 120 days). The monitor's tests, at one false alarm a topic and
year, stand beside the plain rule that a team writes first: more than three standard deviations
above the mean of the last 28 days. Topics without anything planted tell the false alarms, and
some topics are so small that nobody could see a surge in a day: that is reported, too.

    python -m tests.benchmarks.monitor --json
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.monitoring import alarms, chance
from engine.monitoring.alarms import AlarmKind
from engine.monitoring.counting import Series
from engine.monitoring.rhythm import RHYTHMS, By

DAYS, BEGIN = 730, 365
VOLUMES = (2, 5, 10, 20, 50, 100)
DISPERSIONS = (1.0, 1.5, 3.0)
TIMES = (1.5, 2.0, 4.0)
LONG, APART = 5, 110
DRIFT_DAYS, DRIFT_TIMES = 120, 2.0
WEEK = np.array([1.15, 1.2, 1.15, 1.1, 1.05, 0.7, 0.65])
START = date(2024, 1, 1)

Found = Sequence[tuple[int, int]]
"""Alarms: the number of the series and of the day."""


@dataclass(frozen=True, slots=True)
class Planted:
    """Where something was planted into a series."""

    series: int
    day: int
    times: float


def simulate(
    volume: float, dispersion: float, topics: int, times: Sequence[float], rng: np.random.Generator
) -> tuple[np.ndarray, list[Planted]]:
    """Return counts (topics, days) and the surges in them, one every APART days in year two."""
    usual = np.tile(WEEK[np.arange(DAYS) % 7] * volume, (topics, 1))
    usual *= 1 + 0.1 * np.arange(DAYS) / 365
    planted = []
    for topic in range(topics):
        for number, day in enumerate(range(BEGIN + 20, DAYS - LONG - 20, APART) if times else ()):
            factor = times[(topic + number) % len(times)]
            at = day + int(rng.integers(0, 20))
            usual[topic, at : at + LONG] *= factor
            planted.append(Planted(topic, at, factor))
    return draw(usual, dispersion, rng), planted


def draw(usual: np.ndarray, dispersion: float, rng: np.random.Generator) -> np.ndarray:
    """Return Poisson counts, or negative binomial ones with so many times the variance."""
    if dispersion <= 1:
        return rng.poisson(usual)
    size = usual / (dispersion - 1)
    return rng.negative_binomial(size, size / (size + usual))


def ours(counts: np.ndarray, kind: AlarmKind | None = None) -> Found:
    """Return the alarms of the monitor, of one kind or of both."""
    totals = counts.sum(axis=0)
    known = [
        Series(f"{n:04d}", "", By.DAY, START, row.astype(np.int64), totals)
        for n, row in enumerate(counts)
    ]
    return [
        (int(each.topic), (each.date - START).days)
        for each in alarms.find(known, 1.0)
        if kind in (None, each.kind)
    ]


def three_sigma(counts: np.ndarray, window: int = 28) -> Found:
    """Return the days above mean + 3 standard deviations of the window before; episodes once."""
    found = []
    for series, row in enumerate(counts):
        loud = -math.inf
        for day in range(window, len(row)):
            before = row[day - window : day]
            if row[day] > before.mean() + 3 * before.std():
                if day - loud > RHYTHMS[By.DAY].quiet:
                    found.append((series, day))
                loud = day
    return found


def false_alarms(found: Found, topics: int) -> float:
    """Return alarms a topic and year where nothing was planted; the first year is a warm-up."""
    return sum(day >= BEGIN for _, day in found) / topics / ((DAYS - BEGIN) / 365.25)


def delays(found: Found, planted: Sequence[Planted], times: float) -> list[float]:
    """Return after how many days each surge was seen; infinite where it was not."""
    days: dict[int, list[int]] = {}
    for series, day in found:
        days.setdefault(series, []).append(day)
    told = []
    for surge in planted:
        if surge.times == times:
            seen = [d - surge.day for d in days.get(surge.series, []) if 0 <= d - surge.day < LONG]
            told.append(float(min(seen, default=math.inf)))
    return told


def detectable(volume: float, dispersion: float, times: float) -> float:
    """Return how probable it is that one day of a surge is rare enough, with all else known."""
    rarity = alarms.SURGES_SHARE / RHYTHMS[By.DAY].per_year
    need = next(
        n for n in range(1, 100_000) if chance.upper_tail(n, volume, volume * dispersion) < rarity
    )
    return chance.upper_tail(
        max(need, alarms.LEAST_COUNT), times * volume, times * volume * dispersion
    )


def surges(topics: int, seed: int) -> list[dict]:
    """Return for each volume and dispersion what each rule sees, and how often it errs."""
    rng, rows = np.random.default_rng(seed), []
    rules: dict[str, Callable[[np.ndarray], Found]] = {"monitor": ours, "three sigma": three_sigma}
    for dispersion in DISPERSIONS:
        for volume in VOLUMES:
            quiet, _ = simulate(volume, dispersion, topics, (), rng)
            loud, planted = simulate(volume, dispersion, topics, TIMES, rng)
            row: dict = {"volume": volume, "dispersion": dispersion}
            for name, rule in rules.items():
                told = rule(loud)
                row[name] = {"false_alarms": round(false_alarms(rule(quiet), topics), 2)}
                for times in TIMES:
                    row[name][f"x{times:g}"] = _told(delays(told, planted, times))
            one = detectable(volume, dispersion, 2.0)
            row["x2 can be seen within a day"] = round(1 - (1 - one) ** 2, 3)
            rows.append(row)
    return rows


def _told(found: Sequence[float]) -> dict:
    seen = [delay for delay in found if delay < math.inf]
    return {
        "surges": len(found),
        "within_one_day": round(sum(delay <= 1 for delay in found) / len(found), 3),
        "ever": round(len(seen) / len(found), 3),
        "mean_delay": round(sum(seen) / len(seen), 2) if seen else None,
    }


def drifts(topics: int, seed: int) -> list[dict]:
    """Return after how many days a slow drift is seen, and by what share it had grown by then."""
    rng, rows = np.random.default_rng(seed), []
    rules: dict[str, Callable[[np.ndarray], Found]] = {"monitor": ours, "three sigma": three_sigma}
    growth = 1 + (DRIFT_TIMES - 1) * (np.arange(DAYS) - BEGIN) / DRIFT_DAYS
    for volume in VOLUMES:
        usual = np.tile(WEEK[np.arange(DAYS) % 7] * volume, (topics, 1))
        counts = draw(usual * growth.clip(1, DRIFT_TIMES), 1.5, rng)
        row: dict = {"volume": volume}
        for name, rule in rules.items():
            first: dict[int, int] = {}
            for series, day in sorted(rule(counts), key=lambda each: each[1]):
                if BEGIN <= day < BEGIN + DRIFT_DAYS:
                    first.setdefault(series, day - BEGIN)
            seen = list(first.values())
            row[name] = {
                "seen": round(len(seen) / topics, 3),
                "median_days": float(np.median(seen)) if seen else None,
                "grown_by_then": round(float(np.median(seen)) / DRIFT_DAYS, 2) if seen else None,
            }
        rows.append(row)
    return rows


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--topics", type=int, default=60, help="series a volume and dispersion")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = {
        "seed": asked.seed,
        "topics": asked.topics,
        "surges": surges(asked.topics, asked.seed),
        "drifts": drifts(asked.topics, asked.seed),
    }
    if asked.json:
        print(json.dumps(found))
        return
    print("volume disp |  monitor: false a year, x1.5 x2 x4 within a day |  three sigma | possible")
    for row in found["surges"]:
        told = [
            f"{row[name]['false_alarms']:5.2f} "
            + " ".join(f"{row[name][f'x{times:g}']['within_one_day']:6.1%}" for times in TIMES)
            for name in ("monitor", "three sigma")
        ]
        possible = row["x2 can be seen within a day"]
        print(f"{row['volume']:6} {row['dispersion']:4} | {told[0]} | {told[1]} | {possible:6.1%}")
    for row in found["drifts"]:
        print(row)


if __name__ == "__main__":
    main()
