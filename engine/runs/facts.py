"""Facts and slices of a run's matches, from the data that its folder has frozen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from engine import tasks
from engine.evaluation.slices import members
from engine.evaluation.slices.train import Counting, Train
from engine.runs import files, snapshot, spec
from storage.errors import InputError
from storage.facts import Facts
from storage.types import Document, Match, Split


def find(
    folder: Path,
    matches: Mapping[Split, Sequence[Match]],
    learn: Callable[[Document], None] = lambda document: None,
    documents: Sequence[Document] | None = None,
) -> dict[Split, list[Facts]]:
    """Return the facts of each match of a run; ``learn`` is told each document of train.

    ``documents`` are those of the matches, where somebody has read them already.

    Raises:
        RunFolderError: the frozen data are missing or damaged, or lack a match's document.
    """
    together = [match for found in matches.values() for match in found]
    if not together:
        return {split: [] for split in matches}
    task = tasks.get(spec.read(folder).task)
    # Train is the larger part, and of it nothing is kept but words.
    train = _train(folder, learn)
    if documents is None:
        documents = snapshot.pick(folder, _documents(together))
    with files.reading(folder / snapshot.DATA):
        known = iter(task.facts(documents, together, train))
        # Not every task asks for all of train.
        for _ in train:
            pass
        return {split: [next(known) for _ in found] for split, found in matches.items()}


def _train(folder: Path, learn: Callable[[Document], None]) -> Iterator[Document]:
    for document in snapshot.stream(folder, Split.TRAIN):
        learn(document)
        yield document


def _documents(matches: Sequence[Match]) -> Collection[int]:
    return {match.document for match in matches}


def slices(
    folder: Path,
    matches: Mapping[Split, Sequence[Match]],
    train: Train | None = None,
    documents: Sequence[Document] | None = None,
) -> dict[Split, list[list[str]]]:
    """Return the names of the slices that each match of a run is in.

    ``train`` is what its documents of train hold, and ``documents`` are those of the matches,
    where somebody has read them already.

    Raises:
        RunFolderError: the frozen data are missing or damaged, or lack a match's document.
    """
    wanted = {match.document for found in matches.values() for match in found}
    if not wanted:
        return {split: [] for split in matches}
    task = tasks.get(spec.read(folder).task)
    read = snapshot.pick(folder, wanted) if documents is None else documents
    named = {document.id: document for document in read if document.id is not None}
    known = train or Train.of(snapshot.stream(folder, Split.TRAIN))
    with files.reading(folder / snapshot.DATA):
        return {
            split: list(members.of(named, found, known, ranges=not task.marks_whole))
            for split, found in matches.items()
        }


def with_slices(
    folder: Path,
    matches: Mapping[Split, Sequence[Match]],
    documents: Sequence[Document] | None = None,
) -> tuple[dict[Split, list[Facts]], dict[Split, list[list[str]]]] | None:
    """Return the facts of each match and its slices, train being read once for both.

    None where the frozen data cannot tell: a report is worth having without.
    """
    counting = Counting()
    try:
        found = find(folder, matches, counting.add, documents)
        return found, slices(folder, matches, counting.train, documents)
    except InputError:
        return None
