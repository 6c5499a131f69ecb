"""Alarms: rare counts in series that are drawn from what they are said to be drawn from."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy import stats

from engine.monitoring import alarms, chance
from engine.monitoring.alarms import Alarm, AlarmKind
from engine.monitoring.counting import Series
from engine.monitoring.rhythm import RHYTHMS, By
from engine.monitoring.yearly import Yearly
from storage.errors import InputError

START = date(2026, 1, 5)


def series(counts: np.ndarray, topic: str = "cards", label: str = "") -> Series:
    counts = np.asarray(counts)
    return Series(topic, label, By.DAY, START, counts, counts * 4)


def since(found: list[Alarm], day: date) -> list[Alarm]:
    return [alarm for alarm in found if alarm.date >= day]


def quiet(days: int = 140, mean: float = 30, seed: int = 2) -> np.ndarray:
    weekday = np.array([1.2, 1.2, 1.1, 1.1, 1.0, 0.7, 0.7])
    return np.random.default_rng(seed).poisson(mean * weekday[np.arange(days) % 7])


@pytest.mark.parametrize(
    ("mean", "variance"), [(0.2, 0.2), (5, 5), (5, 15), (80, 200), (3000, 9000)]
)
def test_a_tail_is_that_of_scipy(mean: float, variance: float) -> None:
    size = mean**2 / (variance - mean) if variance > mean else None
    for count in (1, int(mean) + 1, int(mean + 4 * variance**0.5) + 1):
        theirs = (
            stats.nbinom.sf(count - 1, size, size / (size + mean))
            if size
            else stats.poisson.sf(count - 1, mean)
        )
        assert chance.upper_tail(count, mean, variance) == pytest.approx(theirs, rel=1e-6)


def test_the_limit_of_an_average_is_that_of_the_literature() -> None:
    # Lucas and Saccucci (1990), one-sided: for 0.1 and a run length of some 1,000 it is 2.7 to 2.9.
    assert 2.6 < chance.ewma_limit(0.1, 1000) < 2.9
    assert chance.ewma_limit(0.1, 100) < chance.ewma_limit(0.1, 1000)


def test_a_share_of_nothing_is_unknown_and_an_interval_holds_its_share() -> None:
    assert chance.wilson(0, 0) == (0.0, 1.0)
    low, high = chance.wilson(3, 20)
    theirs = stats.binomtest(3, 20).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((theirs.low, theirs.high))


def test_twice_as_many_are_one_alarm_on_their_first_day_with_its_reason() -> None:
    counts = quiet()
    counts[120:124] = counts[120:124] * 2 + 20
    (alarm,) = since(alarms.find([series(counts)], 1.0), date(2026, 4, 20))
    assert (alarm.kind, alarm.topic, alarm.date) == (AlarmKind.SURGE, "cards", date(2026, 5, 5))
    assert alarm.count == counts[120] and 25 < alarm.expected < 45 and alarm.p < 0.001
    assert "expected" in alarm.reason and "by chance" in alarm.reason


def test_the_days_of_a_week_are_no_alarm() -> None:
    assert alarms.find([series(quiet())], 1.0) == []


def test_a_slow_drift_is_an_alarm_of_its_own_kind() -> None:
    days = np.arange(200)
    mean = 30 * (1 + (days - 140).clip(0) / 60)
    found = alarms.find([series(np.random.default_rng(2).poisson(mean))], 1.0)
    assert AlarmKind.DRIFT in {alarm.kind for alarm in found}
    assert min(alarm.date for alarm in found) > date(2026, 5, 20)


@pytest.mark.parametrize("rate", [0, -1, 1000, float("nan")])
def test_a_rate_that_cannot_be_held_is_refused(rate: float) -> None:
    with pytest.raises(InputError, match="is no rate"):
        alarms.find([series(quiet(40))], rate)


def test_with_a_short_past_nothing_is_said() -> None:
    assert alarms.find([series(np.array([1, 2, 300]))], 1.0) == []


@pytest.mark.parametrize("dispersion", [1.0, 2.0])
def test_false_alarms_are_no_more_than_was_asked_for(dispersion: float) -> None:
    draw = np.random.default_rng(7)
    topics, days, rate = 60, 210, 12.0
    size = 8 / (dispersion - 1) if dispersion > 1 else 1e9
    counts = draw.negative_binomial(size, size / (size + 8), (topics, days))
    known = [series(row, f"t{n}") for n, row in enumerate(counts)]
    found = [a for a in alarms.find(known, rate) if a.kind is AlarmKind.SURGE]
    years = (days - 28) / 365.25
    expected = rate * alarms.SURGES_SHARE * years * topics
    assert 0.2 * expected < len(found) < 1.15 * expected


def test_the_series_of_a_topic_share_its_rate() -> None:
    counts = quiet()
    counts[120] = 58
    alone = since(alarms.find([series(counts)], 1.0), date(2026, 5, 5))
    assert [alarm.topic for alarm in alone] == ["cards"]
    parts = [series(np.zeros(140, dtype=int), "cards", f"l{n}") for n in range(40)]
    assert not since(alarms.find([series(counts), *parts], 1.0), date(2026, 5, 5))


def test_surges_close_together_do_not_hide_each_other() -> None:
    counts = np.random.default_rng(4).negative_binomial(30, 1 / 3, 300)
    begins = range(60, 300, 30)
    for day in begins:
        counts[day : day + 5] = counts[day : day + 5] * 2 + 20
    found = {(alarm.date - START).days for alarm in alarms.find([series(counts)], 1.0)}
    assert all(found & {day, day + 1} for day in begins)


def test_what_goes_on_is_what_is_usual_by_now() -> None:
    rare = np.zeros((2, 60), dtype=bool)
    rare[0, [3, 5, 9, 40]] = True
    rare[1, 20:50] = True
    found = alarms.brief(rare, RHYTHMS[By.DAY])
    assert (found[0] == rare[0]).all() and not found[1].any()


def season(days: int) -> np.ndarray:
    mean = 40 * np.exp(0.5 * np.sin(2 * np.pi * np.arange(days) / 365.25))
    return np.random.default_rng(3).poisson(mean)


def test_the_time_of_the_year_is_known_once_it_was_seen() -> None:
    days = np.arange(800)
    year = Yearly(season(800)[None], days, RHYTHMS[By.DAY])
    assert year.offset(800, slice(435, 800)).max() == pytest.approx(0.5, abs=0.1)
    assert not year.offset(300, slice(0, 300)).any()


@pytest.mark.long
def test_a_season_is_no_alarm() -> None:
    known, rate = [series(season(1100)[shift:][:1000], f"t{shift}") for shift in (0, 40, 80)], 1.0
    told = since(alarms.find(known, rate), date(2027, 6, 1))
    assert len(told) < 8, "three topics, 1.6 years"
