"""A report's figures, read: what a run is known by, and the rows of its labels. Standard library.

One split of a report holds ``headline`` (name, title, value, support, and the figures beside
it), ``tables`` (name, title, rows, averages) and ``confusion``; which figures and tables these
are is the task's affair. The table named "labels" has a row for each label of the confusion.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LABELS = "labels"
SPLITS = ("test", "dev")


def known_by(report: Mapping[str, Any]) -> tuple[str, float] | None:
    """Return the split and the figure that a run is known by, test before dev; None without."""
    split = next((name for name in SPLITS if report.get(name)), None)
    return (split, report[split]["headline"]["value"]) if split else None


def of_labels(scores: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the figures of each label of one split."""
    (table,) = (table for table in scores["tables"] if table["name"] == LABELS)
    return {row["name"]: row for row in table["rows"]}
