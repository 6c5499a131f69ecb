"""Runs to tell of: real scores of made-up spans, under names that every format stumbles over."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from typing import Any

from engine.exports.subject import Part, Subject
from engine.tasks.spans.metrics.levels import to_scores
from engine.tasks.spans.metrics.scoring import score
from storage.types import Document, Span

HOSTILE = (
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "a|b",
    "| --- |",
    "R&D &amp; x",
    "_under_ **bold** `code`",
    "50% {a}\\end{document}",
    "$x^2$ #1 ~ \\input{x}",
    "[x](https://evil.example/)",
    "![i](https://evil.example/i.png)",
    "=1+1",
    "-2+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "- : !!python/object",
    "*",
    "two\nlines\r\nof \u2028 it",
    "\x00\x1b[31m",
    "地名",
    "שלום \u202e x",
    "👩‍🚒 é e\u0301",
    "'quoted' -- ,,low`` ?`",
    "micro average",
    "x" * 90,
)
# As many labels as a report has to show, and of names that are read.
MANY = tuple(
    f"{noun} {verb}"
    for noun in (
        *("account", "app", "branch", "card", "cash", "fees", "fraud", "identity"),
        *("limits", "loan", "mobile", "rates", "savings", "transfer", "travel"),
    )
    for verb in (
        *("change", "charge", "close", "declined", "help", "limit"),
        *("lost", "open", "status", "verify"),
    )
)
SPLITS = ("train", "dev", "test")
WORDS = 10
TEXT = " ".join("abcdefghij")
TOKENS = tuple((2 * n, 2 * n + 1) for n in range(WORDS))


@cache
def scores(labels: tuple[str, ...], size: int = 200, seed: int = 0) -> dict[str, Any]:
    """Score documents with a span each; one in four was missed, moved or given another label."""
    draw = random.Random(seed)
    documents, found = [], []
    for number in range(max(size, 3 * len(labels))):
        label = labels[number % len(labels)]
        other: list[list[Span]] = [[Span(2, 3, draw.choice(labels))], [], [Span(2, 5, label)]]
        found.append(draw.choice(other) if draw.random() < 0.25 else [Span(2, 3, label)])
        documents.append(
            Document(TEXT, TOKENS, (Span(2, 3, label),) if draw.random() < 0.9 else ())
        )
    return to_scores(score(documents, found))


def subject(
    labels: Sequence[str] = ("LOC", "PER"), project: str = "Travel", size: int = 200, **more: Any
) -> Subject:
    """Tell of a run over these labels; ``more`` goes into its report."""
    marks = dict.fromkeys(labels, 3)
    report = {
        "project": project,
        "base": "bundled",
        "recipe": "balanced",
        "device": "CPU, 2 threads",
        "seed": 13,
        "epochs": 4,
        "best_epoch": 3,
        "train_documents": 348,
        "train_words": 6012,
        "settings": {"epochs": 4, "learning_rate": 1e-4, "peft": ""},
        "versions": {"python": "3.11.7", "torch": "2.13.0", "variables": {"A": "1"}},
        "data": {
            split: {"documents": 3, "sha256": "ab" * 32} for split in ("train", "dev", "test")
        },
        "shared_with_train": {"dev": 0, "test": 3},
        "dev": scores(tuple(labels), size, seed=1),
        "test": scores(tuple(labels), size, seed=2),
    }
    data = {split: Part(67, marks) for split in SPLITS}
    return Subject("Run 7", {**report, **more}, "token-classification", data=data)
