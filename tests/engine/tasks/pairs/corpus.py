"""Tiny pairs: a question about a person and a place, and reports of which one is about both."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from engine.configuration.settings import Settings
from engine.encoding.tokens import tokenize
from engine.runs import snapshot, spec
from engine.runs.spec import RunSpec
from storage.types import Document, Span, Split, Status, Task
from tests.engine.tiny import PEOPLE, PLACES

LABELS = ("match", "no match")
SETTINGS = Settings(threads=1, epochs=2, learning_rate=5e-3, batch_size=8, max_length=48, stride=16)


def pair(first: str, second: str, label: str, **values: Any) -> Document:
    """Make a judged pair."""
    tokens, spans = tokenize(first), (Span(0, 0, label),)
    return Document(first, tokens, spans, status=Status.DONE, second_text=second, **values)


def corpus(seed: int = 1, wrong: int = 2, labels: tuple[str, str] = LABELS) -> list[Document]:
    """Make 25 questions, each with the report that fits and some that do not, in three splits."""
    choose = random.Random(seed)
    about = [(person, place) for person in PEOPLE for place in PLACES]
    choose.shuffle(about)
    reports = {one: "{} went to {} yesterday .".format(*one) for one in about}
    splits = [Split.TRAIN] * 15 + [Split.DEV] * 5 + [Split.TEST] * 5
    found: list[Document] = []
    for one, split in zip(about, splits, strict=True):
        question = "Nothing happened in {1} : {0} met nobody .".format(*one)
        others = choose.sample([other for other in about if other != one], wrong)
        for other, label in ((one, labels[0]), *((other, labels[1]) for other in others)):
            number = len(found) + 1
            found.append(pair(question, reports[other], label, id=number, split=split))
    return found


def prepare(
    folder: Path, base: Path | str, settings: Settings = SETTINGS, documents: Any = None
) -> Path:
    """Write a run folder as the runner does."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = documents or corpus()
    labels = {span.label for document in documents for span in document.spans}
    snapshot.write(folder, documents)
    asked = RunSpec(1, 1, "tiny", tuple(labels), str(base), settings, Task.PAIRS, attempt=2)
    spec.write(folder, asked)
    return folder
