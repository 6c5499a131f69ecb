"""A closer look at a model that was trained: where it breaks, and what its texts are like.

An inspection reads the frozen data of the run that trained, not those of now, so that what it
says stands beside the report of that run. It finds out what needs a model: the behavioural tests
on dev; the training texts that are most like each text with an error; how far labels overlap in
the space of the base model, and three slices. A killed one begins again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.configuration import bases
from engine.evaluation.likeness.nearest import nearest
from engine.evaluation.likeness.overlap import overlap
from engine.evaluation.stress.failures import Failure, Result
from engine.evaluation.stress.perturbations import Known
from engine.inference import likeness, pipeline, stressing
from engine.inference.encoder import Encoder
from engine.inference.likeness import Crowd, Reader
from engine.inference.pipeline import Predictor
from engine.inference.stressing import Stress
from engine.models import loading
from engine.runs import inspected, snapshot, spec
from engine.runs.spec import RunSpec
from engine.training import reporting
from engine.training.callbacks import Watch
from storage.types import Document, ErrorKind, Match, Split

JUDGED = (Split.DEV, Split.TEST)
# The names of slices, see engine/evaluation/slices/registry.py.
ALONE, OTHERWISE, PLAUSIBLE = "no-neighbour", "other-neighbours", "plausible"
# A second label is nearly as likely as the first where it has this share of its probability, and
# where it is more than noise.
NEARLY, NOISE = 0.5, 0.05


def run(folder: Path, asked: RunSpec, watch: Watch, permit: Callable[[], None]) -> str:
    """Inspect the model of another run, write what was found, return the closing sentence.

    Raises ModelError where the run that trained has no complete model, RunFolderError where its
    data are damaged, and Cancelled.
    """
    started = time.perf_counter()
    reporting.discard(folder)
    device = loading.choose_device(asked.settings.device)
    watch.enter("loading", device=loading.name_device(device))
    look = Look(asked, device, watch)
    results, failed = look.stress()
    findings = look.likeness()
    watch.enter("saving")
    permit()
    inspected.write_failures(folder, failed)
    inspected.write_neighbours(folder, findings.neighbours)
    inspected.write_slices(folder, findings.slices)
    report = {
        **reporting.heading(asked),
        "device": loading.name_device(device),
        "stress": look.told(results),
        **findings.told,
        "total_seconds": time.perf_counter() - started,
    }
    reporting.write(folder, report)
    return _closing(results, len(failed))


def _closing(results: Sequence[Result], failed: int) -> str:
    marks = sum(result.rate.marks for result in results)
    if not marks:
        return "Done; there was no mark that the model found, so nothing could be tried."
    lost = sum(result.rate.failures for result in results)
    return f"{lost:,} of {marks:,} marks are lost in changed texts, {failed:,} texts in all."


def _is_wrong(match: Match) -> bool:
    return match.kind is not ErrorKind.EXACT


@dataclass(frozen=True, slots=True)
class Findings:
    """What likeness tells: rows, the slices of each match, and the part of the report."""

    neighbours: list
    slices: Mapping[Split, list[list[str]]]
    told: Mapping[str, Any]


class Look:
    """One model with the data of its run."""

    def __init__(self, asked: RunSpec, device: torch.device, watch: Watch) -> None:
        trained = Path(asked.model)
        self._predictor: Predictor = pipeline.load(trained, asked.settings.device)
        self._head = self._predictor.loaded.head
        self._matches = snapshot.read_matches(trained)
        self._parts: dict[Split, list[Document]] = {split: [] for split in Split}
        for document in snapshot.stream(trained):
            self._parts[document.split or Split.TRAIN].append(document)
        self._seed, self._watch = asked.settings.seed, watch
        self._split = Split.DEV if self._parts[Split.DEV] else Split.TEST
        self._tried = stressing.sample(self._parts[self._split], self._seed)
        self._train = likeness.sample(self._parts[Split.TRAIN], self._seed)
        self._texts = Encoder(bases.fetch(asked.base), device)
        self._base, self._marks = self._mark_encoder(trained, asked.base, device)
        found: dict[int, list[Match]] = {}
        for match in (match for split in JUDGED for match in self._matches[split]):
            found.setdefault(match.document, []).append(match)
        self._found = found
        known = {d.id: d for split in JUDGED for d in self._parts[split]}
        self._judged = [known[document] for document in found]
        self._done = self._words = 0
        self._total = len(self._tried) + len(self._train) + 2 * len(self._judged)
        self._started = time.perf_counter()

    def _mark_encoder(self, trained: Path, base: str, device: torch.device) -> tuple[str, Encoder]:
        """Return what the model began as: it knows the language of the texts, if one does."""
        wanted = spec.read(trained).base
        folder = bases.at_hand(wanted)
        if folder is None:
            self._watch.log(
                f"The base model {bases.title(wanted)} is not on this machine: how labels overlap "
                f"is told by {bases.title(base)}."
            )
        if folder in (None, bases.fetch(base)):
            return bases.title(base), self._texts
        return bases.title(wanted), Encoder(folder, device)

    def stress(self) -> tuple[list[Result], list[Failure]]:
        """Let the model read changed texts of dev, of test where there is no dev."""
        known = Known.of(self._parts[Split.TRAIN])
        under_test = Stress(self._predictor, known, self._seed, self._note)
        trials = under_test.trials(self._tried)
        self._total += sum(len(trial.documents) for trial in trials)
        found = [under_test.judge(trial) for trial in trials]
        return [result for result, _ in found], [each for _, failed in found for each in failed]

    def told(self, results: Sequence[Result]) -> dict[str, Any]:
        """Return what the report says about behavioural tests."""
        return {
            "split": self._split.value,
            "documents": len(self._tried),
            "of": sum(bool(document.spans) for document in self._parts[self._split]),
            "results": [result.to_json() for result in results],
        }

    def likeness(self) -> Findings:
        """Compare texts and marks of dev and test with those of train."""
        reader = Reader(self._texts, self._marks, self._head, self._note)
        train = reader.read(self._train, {d.id or 0: d.spans for d in self._train})
        places = {document: [m.place for m in found] for document, found in self._found.items()}
        asked = reader.read(self._judged, places)
        plausible = self._plausible(places)
        self._watch.enter("comparing", step=self._total, steps=self._total, seconds_left=None)
        pause = self._watch.pause
        texts = nearest(asked.texts, train.texts, likeness.NEIGHBOURS, pause=pause)
        close = likeness.usual(train.texts, self._seed, pause)
        known, own = likeness.around_mean(train, asked)
        marks = nearest(own, known, likeness.NEIGHBOURS, pause=pause)
        otherwise = likeness.told_otherwise(asked.labels, marks, train.labels)
        alone = (texts.similarities[:, 0] < close)[asked.owners]
        slices = self._slices(asked, {ALONE: alone, OTHERWISE: otherwise, PLAUSIBLE: plausible})
        wrong = [d for d, ms in self._found.items() if any(map(_is_wrong, ms))]
        return Findings(
            likeness.neighbours(asked, texts, train, wrong),
            slices,
            {
                "overlap": {
                    "base": self._base,
                    **overlap(train.labels, train.owners, known, self._seed, pause).to_json(),
                },
                "neighbours": {
                    "documents": len(wrong),
                    "train": len(self._train),
                    "of": len(self._parts[Split.TRAIN]),
                    "close": round(close, 4),
                },
            },
        )

    def _plausible(self, places: Mapping[int, Sequence]) -> np.ndarray:
        """Tell in which places a second label is nearly as likely as the first: (marks,)."""
        found = [np.zeros(0, dtype=bool)]
        for documents, scores in self._predictor.stream_scored(
            self._judged, lambda: self._note(())
        ):
            for document, each in zip(documents, scores, strict=True):
                chances = self._head.chances(document, places[document.id or 0], each)
                best = np.sort(chances, axis=1)[:, ::-1]
                second = best[:, 1] if best.shape[1] > 1 else np.zeros(len(best))
                found.append((second >= NEARLY * best[:, 0]) & (second >= NOISE))
            self._note(documents)
        return np.concatenate(found)

    def _slices(
        self, asked: Crowd, found: Mapping[str, np.ndarray]
    ) -> dict[Split, list[list[str]]]:
        """Return the names of the slices of each match, in the order of the run's matches."""
        own: dict[int, list[list[str]]] = {}
        for row, owner in enumerate(asked.owners):
            names = [name for name, held in found.items() if held[row]]
            own.setdefault(int(asked.ids[owner]), []).append(names)
        left = {document: iter(lists) for document, lists in own.items()}
        return {
            split: [next(left[match.document]) for match in self._matches[split]]
            for split in JUDGED
        }

    def _note(self, documents: Sequence[Document]) -> None:
        """Tell how far the reading is; raise Cancelled where somebody asked for an end."""
        self._watch.pause()
        if documents:
            self._done += len(documents)
            self._words += sum(len(document.tokens) for document in documents)
            seconds = time.perf_counter() - self._started
            self._watch.reading(self._done, self._total, self._words, seconds)
