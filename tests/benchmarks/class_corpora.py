"""Corpora of whole texts for the benchmark: BANKING77 and CLINC150, as documents with classes."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.encoding.tokens import tokenize
from storage.types import Document, Span, Split
from tests.benchmarks.parts.measuring import DATA

OUT = "oos"
"""What CLINC150 calls the texts that belong to none of its intents."""
CLINC = ("full", "small", "imbalanced")
NAMES = ("banking77", *(f"clinc150-{name}" for name in CLINC))


def read(name: str, per_class: int | None, seed: int) -> list[Document]:
    """Read a corpus with a seeded sample of ``per_class`` train documents of each class.

    Raises FileNotFoundError where the corpus is not in ``../shared/data``.
    """
    rows = _banking() if name == "banking77" else _clinc(name.removeprefix("clinc150-"))
    rows = {**rows, Split.TRAIN: _sample(rows[Split.TRAIN], per_class, seed)}
    documents = [
        Document(text, tokenize(text), (Span(0, 0, label),), split)
        for split, some in rows.items()
        for text, label in some
    ]
    return [replace(document, id=number) for number, document in enumerate(documents, start=1)]


def texts_and_labels(documents: Sequence[Document], split: Split) -> tuple[list[str], list[str]]:
    """Return the texts of a split and their labels, as the peers take them."""
    chosen = [document for document in documents if document.split is split]
    return [document.text for document in chosen], [d.spans[0].label for d in chosen]


Rows = list[tuple[str, str]]


def _banking() -> dict[Split, Rows]:
    return {
        split: _table(DATA / "banking77" / f"{split}.csv") for split in (Split.TRAIN, Split.TEST)
    }


def _table(path: Path) -> Rows:
    with open(path, newline="", encoding="utf-8") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


def _clinc(name: str) -> dict[Split, Rows]:
    found = json.loads((DATA / "clinc150" / f"data_{name}.json").read_text(encoding="utf-8"))
    names = {Split.TRAIN: "train", Split.DEV: "val", Split.TEST: "test"}
    return {
        split: [(text, label) for part in (key, f"oos_{key}") for text, label in found[part]]
        for split, key in names.items()
    }


def _sample(rows: Rows, per_class: int | None, seed: int) -> Rows:
    if per_class is None:
        return rows
    places = defaultdict(list)
    for place, (_, label) in enumerate(rows):
        places[label].append(place)
    random = np.random.default_rng(seed)
    chosen = [random.permutation(places[label])[:per_class] for label in sorted(places)]
    return [rows[place] for place in sorted(np.concatenate(chosen).tolist())]
