"""Spans are scored on two levels, entities and tokens: their form in reports, and the one before.

``scoring`` computes the levels. A report tells of them as ``headline`` and ``tables``, so that
whoever reads it need not know what is scored. Reports of versions 0.1 to 0.4 hold the levels
under their own names, as the commands print them with ``--json`` to this day. Standard library.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.evaluation.figures import LABELS, SPLITS

ENTITY, TOKEN, SEMEVAL = "entity", "token", "semeval"
TOKENS, STRICTNESS = "tokens", "strictness"
_AVERAGES = ("micro", "macro", "weighted")
# What only one of the two forms has.
_OWN = {ENTITY, TOKEN, SEMEVAL, "headline", "tables"}

_ACCURACY = (
    "The share of tokens (words and signs) with the right tag. Not an F1: most tokens lie outside "
    "of all spans, and are easy."
)
_DEGREES = (
    "How strict one is with borders and labels (SemEval-2013, as nervaluate counts). *Strict*: "
    "both must be right. *Exact*: the borders, whatever the label. *Partial*: an overlap is half "
    "right, whatever the label. *Type*: the label, as long as the spans overlap. Where *type* is "
    "much better than *strict*, borders are the trouble; where *exact* is, labels are."
)
_PAIRS = {
    "correct": "Pairs of spans that are right.",
    "incorrect": "Pairs that overlap, and are wrong.",
    "partial": "Pairs that overlap: each is half right.",
    "missed": "Spans that people labelled, and no predicted one overlaps.",
    "spurious": "Predicted spans that overlap none that people labelled.",
}


def to_scores(levels: Mapping[str, Any]) -> dict[str, Any]:
    """Return one split's scores as a report holds them."""
    entity, token = levels[ENTITY], levels[TOKEN]
    degrees = [_strictness(levels[SEMEVAL])] if SEMEVAL in levels else []
    rest = {name: value for name, value in levels.items() if name not in _OWN}
    return {
        "headline": _headline(entity["micro"], _accuracy(token["accuracy"])),
        "tables": [_entities(entity), _tokens(token), *degrees],
        **rest,
    }


def of_entities(entity: Mapping[str, Any], confusion: Mapping[str, Any]) -> dict[str, Any]:
    """Return scores that know nothing of tokens: those of matches that a filter leaves."""
    headline = _headline(entity["micro"])
    return {"headline": headline, "tables": [_entities(entity)], "confusion": dict(confusion)}


def to_levels(scores: Mapping[str, Any]) -> dict[str, Any]:
    """Return one split's scores by level: what ``to_scores`` was made of."""
    entity, token, *more = scores["tables"]
    degrees = {SEMEVAL: level_of(more[0])[LABELS]} if more else {}
    rest = {name: value for name, value in scores.items() if name not in _OWN}
    return {
        ENTITY: level_of(entity),
        TOKEN: {"accuracy": token["accuracy"], **level_of(token)},
        **degrees,
        **rest,
    }


def upgraded(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report in the form of now, whichever version made it."""
    return {name: to_scores(part) if _is_old(name, part) else part for name, part in report.items()}


def printed(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report as commands print it: its splits by level.

    What is printed of spans has kept its form since version 0.1.
    """
    return {
        name: by_level(part) if name in SPLITS and part else part for name, part in report.items()
    }


def by_level(scores: Mapping[str, Any]) -> dict[str, Any]:
    """Return one split's scores as commands print them."""
    return to_levels(scores) if _has_levels(scores) else dict(scores)


def _has_levels(scores: Mapping[str, Any]) -> bool:
    return [table["name"] for table in scores["tables"]][:2] == [LABELS, TOKENS]


def _is_old(name: str, part: object) -> bool:
    return name in SPLITS and isinstance(part, Mapping) and ENTITY in part


def _headline(micro: Mapping[str, Any], *more: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_figure("f1", "Entity F1", micro["f1"]),
        "support": micro["support"],
        "beside": [
            _figure("precision", "Precision", micro["precision"]),
            _figure("recall", "Recall", micro["recall"]),
            _figure("support", "Support", micro["support"], unit="span"),
            *more,
        ],
    }


def _accuracy(value: float) -> dict[str, Any]:
    return _figure("accuracy", "Token accuracy", value, about=_ACCURACY)


def _figure(name: str, title: str, value: float, **more: str) -> dict[str, Any]:
    return {"name": name, "title": title, "value": value, **more}


def _entities(level: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": LABELS,
        "title": "Labels",
        "about": "A span counts as right only when its borders and its label both are.",
        "item": {"title": "Label"},
        "rows": [{"name": name, "label": name, **row} for name, row in dict(level[LABELS]).items()],
        "averages": _averages(level),
    }


def _tokens(level: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": TOKENS,
        "title": "Tokens",
        "about": "Single tokens, O included: accuracy here is not the F1 of entities.",
        "item": {
            "title": "Tag",
            "about": "B- is a span's first token, I- any other one, O a token outside of all "
            "spans.",
        },
        "support": {"title": "Tokens", "about": "Tokens that people gave this tag."},
        "accuracy": level["accuracy"],
        "rows": [
            {"name": tag, "label": _label_of(tag), **row}
            for tag, row in dict(level[LABELS]).items()
        ],
        "averages": _averages(level),
    }


def _strictness(degrees: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the table of the degrees; reports of version 0.5 and before have none."""
    return {
        "name": STRICTNESS,
        "title": "Strictness",
        "about": _DEGREES,
        "item": {"title": "What counts"},
        "support": {"title": "Spans", "about": "Spans that people labelled."},
        "counts": [{"name": name, "title": name, "about": told} for name, told in _PAIRS.items()],
        # They are of all labels.
        "rows": [{"name": name, "label": "", **row} for name, row in degrees.items()],
        "averages": {},
    }


def _label_of(tag: str) -> str | None:
    """Return the label whose spans have tokens of this tag; of O there is none."""
    _, dash, label = tag.partition("-")
    return label if dash else None


def _averages(level: Mapping[str, Any]) -> dict[str, Any]:
    return {name: level[name] for name in _AVERAGES}


def level_of(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table's figures as a level holds them."""
    rows = {row["name"]: dict(row) for row in table["rows"]}
    for row in rows.values():
        del row["name"], row["label"]
    return {**table["averages"], LABELS: rows}
