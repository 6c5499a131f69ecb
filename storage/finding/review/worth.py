"""What one more right mark of a label is worth: by how much its F1 should grow.

The learning curve says what the next sentence with a label brings. Without a curve the error of
the newest report falls as curves usually do, with the square root of the data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import replace

from sqlalchemy import exists, func, select

from storage.engines.schema import (
    LabelRow,
    MatchRow,
    ReportRow,
    RunRow,
)
from storage.finding.review.findings import Asked, Finding
from storage.finding.sets import stamps
from storage.types import ErrorKind, RunKind, RunState

USUAL_EXPONENT = 0.5


def valued(each: Finding, worth: Mapping[str, float]) -> Finding:
    """Give a finding its gain; of a document without a suggestion any label may come of it."""
    labels = each.labels or worth.keys()
    share = 1.0 if each.labels else 1.0 / max(len(worth), 1)
    return replace(
        each, gain=100 * each.chance * share * sum(worth.get(label, 0.0) for label in labels)
    )


def of_labels(asked: Asked) -> dict[str, float]:
    """Return by how much the F1 of each label should grow with one more mark of it.

    Within one document, asked each time that one is opened, all labels are worth the same: to
    count the marks of a whole project would take too long, and what is likelier comes first.
    """
    if asked.document is not None:
        names = select(LabelRow.name).where(LabelRow.project_id == asked.project)
        return dict.fromkeys(asked.session.scalars(names), 1.0)
    curve = asked.newest(RunRow.kind == RunKind.LEARNING_CURVE, RunRow.state == RunState.DONE)
    report = asked.session.get(ReportRow, curve) if curve else None
    drawn = report.report.get("slopes") or {} if report else {}
    return {**_guessed(asked), **{label: float(slope) for label, slope in drawn.items()}}


def _guessed(asked: Asked) -> dict[str, float]:
    """Return the same for lack of a curve: from the newest report, else from nothing known."""
    errors = _error_rates(asked)
    return {
        label: USUAL_EXPONENT * errors.get(label, 0.5) / max(sentences, 1)
        for label, sentences in asked.known.sentences.items()
    }


def _error_rates(asked: Asked) -> dict[str, float]:
    """Return 1 less the F1 of each label, over all that the newest report was scored on."""
    run = asked.newest(exists().where(MatchRow.run_id == RunRow.id))
    if run is None:
        return {}
    # Another report of the run would have been stored at another moment.
    stored = asked.session.scalar(select(ReportRow.stored_at).where(ReportRow.run_id == run))
    place = asked.session.connection().engine.url, stamps.file(asked.session), run, stored
    known = _known.get(place) if stored else None
    if known is None:
        known = _counted(asked, run)
        _known.clear()
        _known[place] = known
    return known


# Of the report that was asked for last: its matches are as many as there are marks in test.
_known: dict[Hashable, dict[str, float]] = {}


def _counted(asked: Asked, run: int) -> dict[str, float]:
    right: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    columns = MatchRow.gold_label, MatchRow.predicted_label, MatchRow.kind
    query = select(*columns, func.count()).where(MatchRow.run_id == run).group_by(*columns)
    for gold, predicted, kind, number in asked.session.execute(query):
        for label in (gold, predicted):
            if label is not None:
                counted[label] += number
                right[label] += number * (kind == ErrorKind.EXACT)
    return {label: 1.0 - right[label] / counted[label] for label in counted}
