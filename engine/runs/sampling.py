"""Which documents of a project a run is given, and whether they can teach anything."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from engine import tasks
from storage.errors import InputError
from storage.types import Document, Split, Task


def sample(documents: Iterable[Document], limit: int | None, seed: int) -> list[Document]:
    """Keep a seeded sample of ``limit`` training documents, and dev and test whole, in order."""
    documents = list(documents)
    train = [index for index, document in enumerate(documents) if _trains(document)]
    if limit is None or limit >= len(train):
        return documents
    kept = set(random.Random(seed).sample(train, limit))
    return [
        document
        for index, document in enumerate(documents)
        if index in kept or not _trains(document)
    ]


def check(documents: Iterable[Document], labels: Sequence[str], task: str = Task.SPANS) -> None:
    """Raise InputError with what is missing where these documents cannot train a model."""
    if not labels:
        raise InputError("The project has no labels; add one on the Tag page first.")
    train = [document for document in documents if _trains(document)]
    if not train:
        raise InputError(
            "No document of the train split is labelled; tag some on the Tag page, or import "
            "labelled ones."
        )
    asked = tasks.get(task)
    if not asked.learnable(train, labels).learned:
        raise InputError(asked.nothing_to_learn)


def _trains(document: Document) -> bool:
    return document.split in (None, Split.TRAIN)
