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
RATES = ("precision", "recall", "f1")
AVERAGES = ("micro", "macro", "weighted")
LAST = "the last, without a dev split"


def known_by(report: Mapping[str, Any]) -> tuple[str, float] | None:
    """Return the split and the figure that a run is known by, test before dev; None without."""
    split = next((name for name in SPLITS if report.get(name)), None)
    return (split, report[split]["headline"]["value"]) if split else None


def title(scores: Mapping[str, Any]) -> str:
    """Return what one split's headline is called for short: "F1", "Accuracy", "Macro F1"."""
    head = scores["headline"]
    return "F1" if head["name"] == "f1" else head["title"]


def spoken(scores: Mapping[str, Any] | None) -> str:
    """Return what one split's headline is called in a sentence: "F1", "accuracy", "macro F1"."""
    return lowered(title(scores)) if scores else "F1"


def lowered(title: str) -> str:
    """Return a figure's title as it stands within a sentence: "token accuracy", but "MRR"."""
    return title if title[:2].isupper() else f"{title[0].lower()}{title[1:]}"


def of_labels(scores: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the figures of each label of one split."""
    (table,) = (table for table in scores["tables"] if table["name"] == LABELS)
    return {row["name"]: row for row in table["rows"]}


def unit_of(scores: Mapping[str, Any]) -> str:
    """Return what one split's scores count, in the singular: "span", "document", "pair"."""
    head = scores["headline"]
    units = (each.get("unit") for each in (head, *head["beside"]))
    return next(filter(None, units), "mark")


def as_text(level: Mapping[str, Any], digits: int = 3) -> str:
    """Lay out rates as scikit-learn's classification_report does: each row, then the averages.

    ``level`` holds ``labels`` and the averages, each by name; accuracy stands below F1 as there.
    """
    averages = {f"{name} avg": level[name] for name in AVERAGES}
    rows = {**level[LABELS], **averages}
    width = max(map(len, rows))
    head = "".join(f" {name:>9}" for name in ("precision", "recall", "f1-score", "support"))
    lines = [" " * width + " " + head, ""]
    for index, (name, row) in enumerate(rows.items()):
        if index == len(level[LABELS]):
            lines.append("")
            if "accuracy" in level:
                lines.append(f"{'accuracy':>{width}} {level['accuracy']:>30.{digits}f}")
        figures = "".join(f" {row[key]:>9.{digits}f}" for key in RATES)
        lines.append(f"{name:>{width}} {figures} {row['support']:>9}")
    return "\n".join(lines) + "\n"


def epoch_kept(report: Mapping[str, Any]) -> str:
    """Say which epoch a training kept, and why; empty where a report does not tell."""
    best, last = report.get("best_epoch"), report.get("epochs")
    if best is None or last is None:
        return ""
    if not last:
        return "0, the fitted head alone"
    alone = "" if best else " (the fitted head alone)"
    chosen = f"the best by dev {spoken(report['dev'])}" if report.get("dev") else LAST
    return f"{best} of {last}{alone}, {chosen}"
