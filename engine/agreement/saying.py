"""Which figures say little, and why some say nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.agreement.pairs import MEASURES, Measure, Pair
from engine.evaluation.certainty.intervals import FEW, WIDE

# An interval over fewer documents than these is itself hardly known.
FEW_DOCUMENTS = 20


def nothing(pair: Pair, row: int, measure: Measure = Measure.KAPPA) -> str:
    """Return why a figure of a pair cannot be computed; "" where it can."""
    if not np.isnan(pair.values[MEASURES.index(measure), row]):
        return ""
    if not pair.documents:
        return "They have finished no document in common."
    if not pair.units[row]:
        return "What they have finished in common has no text."
    if not pair.marks[row]:
        return f"Neither gave it in the {_count(pair.documents, 'document')} that both finished."
    return "All was given the same label, so chance would agree as much."


def little(pair: Pair, row: int, measure: Measure = Measure.KAPPA) -> str:
    """Return in a sentence why a figure of a pair says little; "" where it says enough."""
    at = MEASURES.index(measure)
    if np.isnan(pair.values[at, row]):
        return nothing(pair, row, measure)
    marks, marked = int(pair.marks[row]), int(pair.marked[row])
    if pair.documents < FEW_DOCUMENTS:
        return f"Only {_count(pair.documents, 'document')} in common."
    if marks < FEW:
        return f"Only {_count(marks, 'mark')} in {_count(marked, 'document')}."
    width = pair.high[at, row] - pair.low[at, row]
    # What has no interval has one beyond all bounds.
    return "" if width < WIDE else f"Its interval is wide: {_wide(width)}."


def shown(number: int, of: int, documents: str) -> str:
    """Say that people had seen each other's labels, so that agreement says too much."""
    return (
        f"In {number:,} of {of:,} shared {documents} somebody began with the labels that were "
        "there, so these figures are higher than of people who do not see each other's."
    )


def _wide(width: float) -> str:
    return "of most draws nothing can be said" if np.isnan(width) else f"{width:.2f}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def weakest(pairs: Sequence[Pair]) -> tuple[Pair, int] | None:
    """Return where agreement is weakest by Cohen's κ: a pair, and the row of one of its labels.

    What says enough comes before what says little; None where nothing has a figure.
    """
    at = MEASURES.index(Measure.KAPPA)
    found = [
        (bool(little(pair, row)), float(pair.values[at, row]), pair, row)
        for pair in pairs
        for row in range(1, len(pair.marks))
        if not np.isnan(pair.values[at, row])
    ]
    return min(found, key=lambda each: each[:2])[2:] if found else None
