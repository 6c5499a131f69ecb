"""What a round brought: a run's figures beside those of the run before, as plain records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.evaluation.comparison import ALL, Comparison, Difference, tally
from engine.evaluation.figures import known_by, title
from engine.inspection import comparing, judging
from engine.runner import results
from storage.cells import MISSED, SPURIOUS, Cell, Only
from storage.database.connection import Database
from storage.errors import InputError
from storage.outcomes import Outcome
from storage.runs import reports
from storage.types import Run, Split

# What micro F1 is called as the figure a run is known by: of one label each it is accuracy.
MICRO = ("f1", ALL, "accuracy")


def of(db: Database, run: Run, before: Run | None, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a finished run brought.

    ``split``, ``figure`` (its name), ``value``, ``low`` and ``high`` (the 95 % interval of micro
    F1), ``support``; where there is a run before and a document in common: ``compared``, the
    rows of all labels and of those that the round is ``about``, each with both figures, their
    difference's interval, verdict, and how many marks were fixed and broken.

    Raises:
        RunFolderError: what a run has left is damaged.
    """
    report = results.of_run(db, run.id) or {}
    known = known_by(report)
    told: dict[str, Any] = {"title": run.title}
    if known is None:
        return {**told, "said": "Nothing was scored: neither dev nor test had a document."}
    split, value = known
    told |= {"split": split, "figure": title(report[split]), "value": value}
    told |= {
        "support": report[split]["headline"]["support"],
        **_interval(db, run, split, report[split]),
    }
    if before is None:
        return told
    told["before"] = before.title
    try:
        found = comparing.compare(before, run)
    except InputError as error:
        return {**told, "said": str(error)}
    rows = _rows(found.comparison, sides(about))
    compared = {"split": str(found.split), "documents": found.documents, "rows": rows}
    return {**told, "compared": compared, **_cells(db, run, before, about)}


def sides(about: Mapping[str, Any]) -> Sequence[str]:
    """Return the labels that a round is about: of a cell its sides, as far as they are labels."""
    named = [about.get(name) for name in ("label", "gold", "predicted")]
    labels = [name for name in named if name and name not in (MISSED, SPURIOUS)]
    return list(dict.fromkeys(labels))


def part(about: Mapping[str, Any], run: int) -> Cell | None:
    """Return the part of a run's confusion table that a round is about; None where it is none."""
    split = about.get("split") or Split.TEST
    if about.get("gold") and about.get("predicted"):
        return Cell(run, str(split), about["gold"], about["predicted"])
    if about.get("label"):
        return Cell(run, str(split), about["label"], only=Only.ERRORS)
    return None


def _interval(db: Database, run: Run, split: str, scores: Mapping[str, Any]) -> dict[str, float]:
    """Return the 95 % interval of micro F1, where that is the figure a run is known by."""
    if scores["headline"]["name"] not in MICRO or not scores.get("documents"):
        return {}
    known = scores.get("intervals")
    found = known or judging.intervals_of(db, run.id, split, scores["documents"]).to_json()
    low, high = found[ALL]
    return {"low": low, "high": high}


def _rows(found: Comparison, labels: Sequence[str]) -> list[dict[str, Any]]:
    fixed, broken, wrong = (
        tally(found.those(each)) for each in (Outcome.FIXED, Outcome.BROKEN, Outcome.WRONG)
    )
    totals = (fixed.total(), broken.total(), wrong.total())
    told = [_row("", found.micro, *totals)]
    for name in labels:
        if name in found.labels:
            counts = fixed[name], broken[name], wrong[name]
            told.append(_row(name, found.labels[name], *counts))
    return told


def _row(label: str, each: Difference, fixed: int, broken: int, wrong: int) -> dict[str, Any]:
    """Return a row; that of all labels is named ""."""
    return {
        "label": label,
        "a": each.a,
        "b": each.b,
        "low": each.interval.low,
        "high": each.interval.high,
        "verdict": str(each.verdict),
        "support": each.support,
        "fixed": fixed,
        "broken": broken,
        "wrong": wrong,
    }


def _cells(db: Database, run: Run, before: Run, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return how many marks stood in the part that a round is about, before and after."""
    one, other = part(about, before.id), part(about, run.id)
    if one is None or other is None:
        return {}
    counts = [reports.count_cell(db, each) for each in (one, other)]
    return {"cell": {"title": one.title, "a": counts[0], "b": counts[1]}}
