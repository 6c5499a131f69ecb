"""Where a coach begins: the newest trained model of its project, else of another like it, or none.

The learner learns on from what that model says (see ``learner``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.coach.hidden_states import HiddenStates, key_of
from engine.coach.learner import Learner, Names
from engine.inference import pipeline
from engine.inference.pipeline import Predictor
from engine.runs import spec
from storage import home
from storage.coaching import work
from storage.database.connection import Database
from storage.errors import WhetstoneError
from storage.runs import runs
from storage.types import Document, Project

# So much of a project's labels must be those of another one's model.
SHARED = 0.5


@dataclass(frozen=True, slots=True)
class Origin:
    """The model that a coach begins with: a run, and the newest entry that it has learned.

    ``entry`` is None where the model is another project's, and knows no document of this one.
    ``run`` 0 stands for none.
    """

    run: int = 0
    entry: int | None = None


def find(db: Database, project: Project) -> Origin:
    """Return the model to begin with at this moment."""
    names = {label.name for label in project.labels}
    for run, owner, entry in work.trained(db, project.id):
        folder = home.run_folder(runs.get_run(db, run).folder)
        if owner == project.id and (folder / "model").is_dir():
            return Origin(run, entry or 0)
        if owner != project.id and is_like(names, _labels(folder)):
            return Origin(run)
    return Origin()


def is_like(names: Collection[str], others: Collection[str]) -> bool:
    """Tell whether what was labelled with other labels helps with labels of these names."""
    shared = len({*names} & {*others})
    return shared > 0 and shared >= SHARED * len(names)


def _labels(folder: Path) -> set[str]:
    """Return what a run's model was made for; nothing where its folder is not whole."""
    try:
        return set(spec.read(folder).labels)
    except (WhetstoneError, OSError):
        return set()


class Start:
    """A trained model, and what it said of texts, which stays on the disk."""

    def __init__(self, predictor: Predictor, folder: Path) -> None:
        self._predictor = predictor
        head = predictor.loaded.head
        self._outputs = head.outputs(predictor.labels)
        self._states = HiddenStates(folder, len(self._outputs))

    def lacks(self, document: Document) -> bool:
        """Tell whether the model has not read a document yet."""
        return key_of(document) not in self._states

    def before(
        self, documents: Sequence[Document], learner: Learner, names: Names
    ) -> list[np.ndarray]:
        """Return the probabilities (units, outputs) of a learner's outputs, by this model."""
        wanted = learner.head.outputs(learner.labels(names))
        place = {name: number for number, name in enumerate(wanted)}
        known = [(n, place[name]) for n, name in enumerate(self._outputs) if name in place]
        found = []
        for scores in self._scores(documents):
            mapped = np.zeros((len(scores), len(wanted)), np.float32)
            for own, theirs in known:
                mapped[:, theirs] = np.exp(scores[:, own].astype(np.float32))
            found.append(mapped)
        return found

    def _scores(self, documents: Sequence[Document]) -> list[np.ndarray]:
        keys = list(map(key_of, documents))
        found = [self._states.get(key) for key in keys]
        missing = [place for place, scores in enumerate(found) if scores is None]
        told = self._predictor.stream_scored([documents[place] for place in missing])
        read = [scores for _, chunk in told for scores in chunk]
        for place, scores in zip(missing, read, strict=True):
            found[place] = scores.astype(np.float16)
            self._states.put(keys[place], scores)
        return [scores for scores in found if scores is not None]


def load(run_folder: Path, states: Path) -> Start:
    """Load a run's model; raise ModelError where it has no complete one."""
    return Start(pipeline.load(run_folder, "cpu"), states)
