"""The same predictions scored by seqeval, the field's reference, and whether it agrees.

Only workers and the ``score`` command load this. seqeval sees tags, strict IOB2, with neutral
names in place of the labels: it would read "a" and "-a" as one. What tags cannot hold (a border
within a word, a span that shares words with a longer one) it cannot see; then both sides count
only what the tags hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from seqeval.metrics.v1 import precision_recall_fscore_support
from seqeval.scheme import IOB2, Entities

from engine.evaluation import findings
from engine.evaluation.confusion import confuse
from engine.tasks.spans.metrics import scoring
from engine.tasks.spans.tagging.alignment import Placement, place
from engine.tasks.spans.tagging.schemes import Scheme, encode
from storage.types import Document, Span

FIGURES = ("precision", "recall", "f1", "support")
# Both compute the same quotients; the last bits are NumPy's affair.
CLOSE = 1e-9

Rows = dict[str, dict[str, float]]


def check(documents: Sequence[Document], predicted: Sequence[Sequence[Span]]) -> dict[str, Any]:
    """Return seqeval's figures, and every one that differs from ours.

    ``{"agrees", "version", "unfit", "micro", "labels", "differences"}``, where ``unfit`` is the
    number of spans that tags do not hold as they are, and a difference is ``{"label", "figure",
    "ours", "theirs"}``, its label empty for the micro average.
    """
    gold = [place(document, document.spans) for document in documents]
    found = [place(document, spans) for document, spans in zip(documents, predicted, strict=True)]
    lengths = [len(document.tokens) for document in documents]
    theirs, ours = _theirs(gold, found, lengths), _ours(gold, found)
    other = list(differences(ours, theirs))
    return {
        "agrees": not other,
        "version": version("seqeval"),
        "unfit": sum(len(placement.problems) for placement in (*gold, *found)),
        "micro": theirs[""],
        "labels": {name: row for name, row in theirs.items() if name},
        "differences": other,
    }


def to_text(checked: Mapping[str, Any]) -> str:
    """Lay out seqeval's figures as ours are, and say whether they are the same."""
    rows = {**checked["labels"], "micro avg": checked["micro"]}
    width = max(map(len, rows))
    lines = [f"seqeval {checked['version']}, strict IOB2:", ""]
    for name, row in rows.items():
        figures = "".join(f" {row[figure]:>9.3f}" for figure in FIGURES[:-1])
        lines.append(f"{name:>{width}} {figures} {row['support']:>9}")
    return "\n".join([*lines, "", *findings.of_check(checked)])


def _ours(gold: Sequence[Placement], found: Sequence[Placement]) -> Rows:
    """Score the spans that tags hold, in words instead of characters, as reports are scored."""
    documents = [Document("", spans=_held(placement)) for placement in gold]
    matches = scoring.match_documents(documents, [_held(placement) for placement in found])
    entity = scoring.score_entities(confuse(matches))
    return {"": entity["micro"], **entity["labels"]}


def _held(placement: Placement) -> tuple[Span, ...]:
    return tuple(Span(item.first, item.last, item.span.label) for item in placement.placed)


def _theirs(gold: Sequence[Placement], found: Sequence[Placement], lengths: Sequence[int]) -> Rows:
    """Let seqeval score the tags; the micro average has the empty name."""
    labels = sorted({item.span.label for each in (*gold, *found) for item in each.placed})
    if not labels:
        # It has no figures where nothing is labelled.
        return {"": dict.fromkeys(FIGURES, 0)}
    # Padded, so that their order is that of the labels: seqeval sorts what it finds.
    names = {label: f"L{number:06}" for number, label in enumerate(labels)}
    # It takes its time for every word; where neither side has a span there is none to count.
    both = [row for row in zip(gold, found, lengths, strict=True) if row[0].placed or row[1].placed]
    sides = (
        [_tags(gold, length, names) for gold, _, length in both],
        [_tags(found, length, names) for _, found, length in both],
    )
    parsed = [Entities(side, IOB2) for side in sides]
    known = {"entities_true": parsed[0], "entities_pred": parsed[1]}
    wanted = {"scheme": IOB2, "zero_division": 0, **known}
    rows = zip(*precision_recall_fscore_support(*sides, average=None, **wanted), strict=True)
    micro = precision_recall_fscore_support(*sides, average="micro", **wanted)
    return {"": _row(micro)} | {label: _row(row) for label, row in zip(labels, rows, strict=True)}


def _tags(placement: Placement, length: int, names: Mapping[str, str]) -> list[str]:
    ranges = ((item.first, item.last, names[item.span.label]) for item in placement.placed)
    return encode(ranges, length, Scheme.IOB2)


def _row(figures: Sequence[float]) -> dict[str, float]:
    *rates, support = figures
    return dict(zip(FIGURES, [*map(float, rates), int(support)], strict=True))


def differences(ours: Rows, theirs: Rows) -> Iterator[dict[str, Any]]:
    """Yield every figure that the two do not have in common."""
    for label, row in theirs.items():
        for figure in FIGURES:
            pair = {"ours": ours[label][figure], "theirs": row[figure]}
            if not math.isclose(*pair.values(), rel_tol=CLOSE):
                yield {"label": label, "figure": figure, **pair}
