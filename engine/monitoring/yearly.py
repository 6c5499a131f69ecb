"""The time of the year: how much more or less usually comes then, once there was a whole year.

Two waves, of a year and of half a year, on the log scale beside a trend, fitted to the weeks of
all that is known (Serfling 1963, "Methods for current statistical analysis of excess
pneumonia-influenza deaths", Public Health Reports 78:494), held near none by a normal prior. So
slow seasons are no alarm; a holiday is shorter than that and stays one.
"""

from __future__ import annotations

import numpy as np

from engine.monitoring import baseline
from engine.monitoring.rhythm import Rhythm

YEARS = 1.1
"""With a shorter past nothing is said: a season and a trend look alike."""
MOST_YEARS = 5
WAVES = 2
# Looked at anew after so many times the bins after which the past is.
_SELDOM = 4
# Halves the prior of ``baseline`` to 0.25: e to the power of that is a third more.
_SCALE = 0.5


class Yearly:
    """The season of many series: counts (m, n) of bins numbered by ``days``."""

    def __init__(self, counts: np.ndarray, days: np.ndarray, rhythm: Rhythm) -> None:
        self._counts, self._days, self._rhythm = counts, days, rhythm
        self._known: dict[int, np.ndarray] = {}

    def offset(self, until: int, wanted: slice) -> np.ndarray:
        """Return what the season adds on the log scale, as the bins before ``until`` tell it.

        Of shape (m, bins of ``wanted``); zeros while there is too little of a past.
        """
        until -= until % (_SELDOM * self._rhythm.refit)
        if until < YEARS * self._rhythm.per_year:
            return np.zeros((len(self._counts), len(self._days[wanted])))
        if until not in self._known:
            self._known = {until: self._fit(until)}
        return self._known[until] @ self._waves(self._days[wanted]).T

    def _fit(self, until: int) -> np.ndarray:
        """Return the size of each wave: (m, 2 * WAVES)."""
        width = self._rhythm.season
        weeks = min(until, round(MOST_YEARS * self._rhythm.per_year)) // width
        first = until - weeks * width
        together = self._counts[:, first:until].reshape(-1, weeks, width).sum(axis=2)
        middle = self._days[first:until].reshape(weeks, width).mean(axis=1)
        trend = (middle - middle[-1]) / self._rhythm.window
        described = np.column_stack([np.ones(weeks), trend, self._waves(middle)])
        return baseline.fit(together, described).coefficients[:, 2:]

    def _waves(self, days: np.ndarray) -> np.ndarray:
        angle = 2 * np.pi * days / self._rhythm.per_year
        parts = [wave(n * angle) for n in range(1, WAVES + 1) for wave in (np.cos, np.sin)]
        return _SCALE * np.column_stack(parts)
