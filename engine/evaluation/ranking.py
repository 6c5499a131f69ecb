"""How well candidates are ordered: MRR, MAP, nDCG and recall of each question, as trec_eval counts.

A question's candidates are the pairs of one left text (or one group of left texts) that people
judged. They are ordered by score, in single precision; of equal scores the candidate with the
name that sorts last comes first, as in trec_eval. A candidate is relevant from grade 1 on; the
gain of nDCG is the grade itself (Järvelin and Kekäläinen 2002). NumPy only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MEASURES = ("mrr", "map", "ndcg@10", "recall@1", "recall@10")
CUT = 10
# Left texts that a report lists, those first whose candidates are ordered worst.
WORST = 50


@dataclass(frozen=True, slots=True)
class Candidates:
    """A question and its candidates; the three lists are of one length."""

    key: str
    """The group of the left text, or the text itself."""
    text: str
    ids: Sequence[int]
    """The pairs, by the ids of their documents."""
    grades: Sequence[int]
    scores: Sequence[float]

    def order(self) -> list[int]:
        """Return the places of the candidates, the one ranked first at first."""
        scores = np.asarray(self.scores, dtype=np.float32).tolist()
        names = [str(id) for id in self.ids]
        places = sorted(range(len(names)), key=names.__getitem__, reverse=True)
        return sorted(places, key=lambda place: -scores[place])


def measure(grades: Sequence[int]) -> dict[str, float]:
    """Return the measures of one question, whose candidates have these grades in their order."""
    relevant = [place for place, grade in enumerate(grades, start=1) if grade > 0]
    if not relevant:
        return dict.fromkeys(MEASURES, 0.0)
    count = len(relevant)
    ideal = _gain(sorted(grades, reverse=True))
    return {
        "mrr": 1 / relevant[0],
        "map": sum(found / place for found, place in enumerate(relevant, start=1)) / count,
        "ndcg@10": _gain(grades) / ideal,
        "recall@1": sum(place <= 1 for place in relevant) / count,
        "recall@10": sum(place <= CUT for place in relevant) / count,
    }


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(place + 1) for place, grade in enumerate(grades[:CUT], start=1))


def summarize(questions: Sequence[Candidates]) -> dict[str, Any]:
    """Return what a split's report holds under "ranking".

    The measures are means over all questions. Where no question has two candidates there is
    nothing to order: then they are None, and "about" says so.
    """
    about = _about(questions)
    found: dict[str, Any] = {
        "queries": len(questions),
        "single": sum(len(each.ids) == 1 for each in questions),
        "unanswered": sum(max(each.grades) <= 0 for each in questions),
        "about": about,
    }
    if all(len(each.ids) == 1 for each in questions):
        return {**dict.fromkeys(MEASURES), **found, "worst": []}
    measured = [(each, each.order()) for each in questions]
    rows = [(each, order, measure([each.grades[i] for i in order])) for each, order in measured]
    means = {name: math.fsum(row[2][name] for row in rows) / len(rows) for name in MEASURES}
    return {**means, **found, "worst": _worst(rows)}


def _about(questions: Sequence[Candidates]) -> str:
    """Say in a sentence what the measures do not say by themselves; empty where they do."""
    single = sum(len(each.ids) == 1 for each in questions)
    if single == len(questions):
        return (
            "Every left text has one second text only, so there is no order to judge: give left "
            "texts several candidates."
        )
    none = sum(max(each.grades) <= 0 for each in questions)
    if none:
        return (
            f"{none:,} of {len(questions):,} left texts have no candidate that fits, and count as "
            f"0 in every figure."
        )
    return ""


def _worst(
    rows: Sequence[tuple[Candidates, Sequence[int], Mapping[str, float]]],
) -> list[dict[str, Any]]:
    """Return the questions whose candidates could be ordered better, the worst first."""
    bad = [
        row
        for row in rows
        if 0 < row[2]["ndcg@10"] < 1 or (max(row[0].grades) > 0 and row[2]["mrr"] < 1)
    ]
    bad.sort(key=lambda row: (row[2]["mrr"], row[2]["ndcg@10"], -len(row[0].ids), row[0].key))
    return [
        {
            "group": each.key,
            "text": each.text,
            "documents": [int(each.ids[place]) for place in order],
            "candidates": len(each.ids),
            **found,
        }
        for each, order, found in bad[:WORST]
    ]
