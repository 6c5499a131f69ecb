"""Which documents of a project a run is given, and whether they can teach anything."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

from engine import tasks
from storage.errors import InputError
from storage.types import Document, Split, Task


def sample(documents: Iterable[Document], limit: int | None, seed: int) -> list[Document]:
    """Keep a seeded sample of ``limit`` training documents, and dev and test whole, in order."""
    documents = list(documents)
    return [documents[place] for place in places([d.split for d in documents], limit, seed)]


def places(splits: Sequence[Split | None], limit: int | None, seed: int) -> Sequence[int]:
    """Return where those documents lie that ``sample`` keeps, by the splits of all of them."""
    train = [place for place, split in enumerate(splits) if _is_train(split)]
    if limit is None or limit >= len(train):
        return range(len(splits))
    kept = set(random.Random(seed).sample(train, limit))
    return [place for place, split in enumerate(splits) if place in kept or not _is_train(split)]


def check(documents: Iterable[Document], labels: Sequence[str], task: str = Task.SPANS) -> None:
    """Raise InputError with what is missing where these documents cannot train a model."""
    learned(documents, labels, task)


def learned(
    documents: Iterable[Document], labels: Sequence[str], task: str = Task.SPANS
) -> tuple[str, ...]:
    """Return the labels that a training on these documents has an example of.

    They are read once and to the end. Raises InputError with what is missing where they cannot
    train a model.
    """
    if not labels:
        raise InputError("The project has no labels; add one on the Tag page first.")
    trained = 0

    def counted() -> Iterator[Document]:
        nonlocal trained
        for document in documents:
            trained += _is_train(document.split)
            yield document

    asked = tasks.get(task)
    found = asked.learnable(counted(), labels).learned
    if not trained:
        raise InputError(
            "No document of the train split is labelled; tag some on the Tag page, or import "
            "labelled ones."
        )
    if not found:
        raise InputError(asked.nothing_to_learn)
    return found


def _is_train(split: Split | None) -> bool:
    return split in (None, Split.TRAIN)
