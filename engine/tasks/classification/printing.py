"""One split's scores of labels of whole documents, as commands print them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.evaluation.figures import LABELS
from engine.tasks.classification.hierarchy import PARENTS
from engine.tasks.classification.scoring import ACCURACY, EXACT

CLASS = "class"
LEVELS = (CLASS, PARENTS)
# What is printed under another name.
_OWN = {"headline", "tables"}


def printed(scores: Mapping[str, Any]) -> dict[str, Any]:
    """Return scores by level: "class", and "parents" where labels have two levels.

    ``class`` holds accuracy (the share of documents with all labels right), micro, macro and
    weighted averages, and the rates of each label.
    """
    levels = {
        CLASS if table["name"] == LABELS else table["name"]: _level(table)
        for table in scores["tables"]
    }
    shown = scores["headline"], *scores["headline"]["beside"]
    right = [each["value"] for each in shown if each["name"] in (ACCURACY, EXACT)]
    if CLASS in levels and right:
        levels[CLASS] = {ACCURACY: right[0], **levels[CLASS]}
    return {**levels, **{name: value for name, value in scores.items() if name not in _OWN}}


def _level(table: Mapping[str, Any]) -> dict[str, Any]:
    own = {"name", "label"}
    rows = {
        row["name"]: {name: value for name, value in row.items() if name not in own}
        for row in table["rows"]
    }
    return {**table["averages"], LABELS: rows}
