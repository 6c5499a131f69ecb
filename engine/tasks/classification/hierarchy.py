"""Labels of two levels: what stands before the first "/" of a name is the upper one.

A label without "/" is its own upper one, so that every document counts at both levels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.tasks.classification.matching import match_documents
from storage import branches
from storage.types import Document, Match, Span

PARENTS = "parents"


def has(labels: Iterable[str]) -> bool:
    """Tell whether any of the labels stands below another one."""
    return any(branches.upper(label) != label for label in labels)


def matches(documents: Sequence[Document], predicted: Iterable[Sequence[Span]]) -> list[Match]:
    """Match the upper levels of gold and predicted labels, each once in a document."""
    gold = [replace(document, spans=_upper(document.spans)) for document in documents]
    return match_documents(gold, map(_upper, predicted))


def _upper(spans: Iterable[Span]) -> tuple[Span, ...]:
    found = {branches.upper(span.label): span for span in spans}
    return tuple(sorted(replace(span, label=name) for name, span in found.items()))


def table(rows: Sequence[Mapping[str, Any]], averages: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table of the upper level; each row's label is the branch that it counts."""
    return {
        "name": PARENTS,
        "title": "Upper labels",
        "about": f'Labels by what stands before "{branches.SIGN}": one taken for another of its '
        "group is right here.",
        "item": {"title": "Upper label"},
        "rows": [{**row, "label": branches.named(row["name"])} for row in rows],
        "averages": dict(averages),
    }
