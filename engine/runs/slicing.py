"""Slices of a run's matches, from the data that its folder has frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from engine import tasks
from engine.evaluation.slices import members
from engine.evaluation.slices.train import Train
from engine.runs import files, snapshot, spec
from storage.types import Match, Split


def find(
    folder: Path, matches: Mapping[Split, Sequence[Match]], train: Train | None = None
) -> dict[Split, list[list[str]]]:
    """Return the names of the slices that each match of a run is in.

    ``train`` is what its documents of train hold, where somebody has read them already.

    Raises:
        RunFolderError: the frozen data are missing or damaged, or lack a match's document.
    """
    wanted = {match.document for found in matches.values() for match in found}
    if not wanted:
        return {split: [] for split in matches}
    task = tasks.get(spec.read(folder).task)
    documents = {doc.id: doc for doc in snapshot.pick(folder, wanted) if doc.id is not None}
    known = train or Train.of(doc for doc in snapshot.stream(folder) if doc.split is Split.TRAIN)
    with files.reading(folder / snapshot.DATA):
        return {
            split: list(members.of(documents, found, known, ranges=not task.marks_whole))
            for split, found in matches.items()
        }
