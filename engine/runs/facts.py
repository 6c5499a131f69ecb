"""Facts of a run's matches, from the data that its folder has frozen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from engine import tasks
from engine.runs import files, snapshot, spec
from storage.facts import Facts
from storage.types import Document, Match, Split


def find(
    folder: Path,
    matches: Mapping[Split, Sequence[Match]],
    learn: Callable[[Document], None] = lambda document: None,
) -> dict[Split, list[Facts]]:
    """Return the facts of each match of a run; ``learn`` is told each document of train.

    Raises:
        RunFolderError: the frozen data are missing or damaged, or lack a match's document.
    """
    together = [match for found in matches.values() for match in found]
    if not together:
        return {split: [] for split in matches}
    task = tasks.get(spec.read(folder).task)
    # Train is the larger part, and of it nothing is kept but words.
    train = _train(folder, learn)
    documents = snapshot.pick(folder, _documents(together))
    with files.reading(folder / snapshot.DATA):
        known = iter(task.facts(documents, together, train))
        # Not every task asks for all of train.
        for _ in train:
            pass
        return {split: [next(known) for _ in found] for split, found in matches.items()}


def _train(folder: Path, learn: Callable[[Document], None]) -> Iterator[Document]:
    for document in snapshot.stream(folder):
        if document.split is Split.TRAIN:
            learn(document)
            yield document


def _documents(matches: Sequence[Match]) -> Collection[int]:
    return {match.document for match in matches}
