"""The best alignment of two people's units: who of one goes with whom of the other, or with none.

It is the integer program of γ (Mathet, Widlöcher and Métivier 2015, section 5.1). For two people it
is an assignment, which is solved exactly here (Kuhn 1955, Munkres 1957, by shortest augmenting
paths as Jonker and Volgenant 1987), so that the product needs no solver. For more people it is
NP-hard: γ is computed of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def align(costs: np.ndarray, alone: float) -> list[tuple[int, int]]:
    """Return which row goes with which column so that all together costs least.

    ``costs`` is of shape (rows, columns); a row or a column that goes with none costs ``alone``.
    """
    found = []
    for rows, columns in _parts(costs < 2 * alone):
        # Who goes with none costs as much on either side: what a column saves is taken off.
        part = costs[np.ix_(rows, columns)] - alone
        choices = np.concatenate([part, np.full((len(rows), len(rows)), alone)], axis=1)
        for row, column in enumerate(assign(choices)):
            if column < len(columns):
                found.append((int(rows[row]), int(columns[column])))
    return sorted(found)


def _parts(linked: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the rows and columns that have to do with each other, and with no others."""
    left = set(np.flatnonzero(linked.any(axis=1)).tolist())
    while left:
        rows = np.array([min(left)])
        while True:
            columns = np.flatnonzero(linked[rows].any(axis=0))
            reached = np.flatnonzero(linked[:, columns].any(axis=1))
            if len(reached) == len(rows):
                break
            rows = reached
        yield rows, columns
        left.difference_update(rows.tolist())


def assign(costs: np.ndarray) -> list[int]:
    """Return for each row the column that it is given, each to one row, at the lowest sum.

    ``costs`` is of shape (rows, columns), with no fewer columns than rows.
    """
    rows, columns = costs.shape
    # Prices of rows and columns; a place 0 stands before both, for the row that is being placed.
    row_price, price = np.zeros(rows + 1), np.zeros(columns + 1)
    taken, came = np.zeros(columns + 1, int), np.zeros(columns + 1, int)
    for row in range(1, rows + 1):
        taken[0], column = row, 0
        least, seen = np.full(columns + 1, np.inf), np.zeros(columns + 1, bool)
        while True:
            seen[column] = True
            at = taken[column]
            slack = costs[at - 1] - row_price[at] - price[1:]
            better = ~seen[1:] & (slack < least[1:])
            least[1:][better], came[1:][better] = slack[better], column
            following = 1 + int(np.argmin(np.where(seen[1:], np.inf, least[1:])))
            step = least[following]
            row_price[taken[seen]] += step
            price[seen] -= step
            least[~seen] -= step
            column = following
            if taken[column] == 0:
                break
        while column:
            taken[column], column = taken[came[column]], came[column]
    given = [0] * rows
    for column in range(1, columns + 1):
        if taken[column]:
            given[taken[column] - 1] = column - 1
    return given
