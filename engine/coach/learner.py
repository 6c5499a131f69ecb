"""What was learned of a project's documents, and what follows for others.

Labels are known by their ids, so that one may be renamed. Where a trained model is the starting
point, the learner learns what that leaves to be desired: the difference between the answers and
its probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.coach.regression.calibration import Calibration, fitted
from engine.coach.regression.ridge import Ridge, Solution, Units
from engine.tasks.base import Head
from storage.types import Document

UNKNOWN = -1
Names = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Case:
    """A document with its rows (units, width), and the starting point's probabilities.

    These are of shape (units, outputs), in the order of the learner's; None without one.
    """

    document: Document
    rows: np.ndarray
    before: np.ndarray | None = None


class Learner:
    """Learns finished documents, unlearns what was changed, and tells of others."""

    def __init__(self, head: Head, width: int) -> None:
        self.head = head
        self.ridge = Ridge(width, len(head.outputs([])))
        self.columns: list[int] = []
        """The ids of the labels, in the order of the outputs."""
        self.learned: dict[int, np.ndarray] = {}
        """What was right for each learned document: int8 (units, outputs), UNKNOWN where nobody
        knows; outputs that came later are 0."""
        self._solution: Solution | None = None
        self._calibration = Calibration()

    def labels(self, names: Names) -> list[str]:
        """Return the labels of the outputs; one that is gone has a name that no text has."""
        return [names.get(id, f"\0{id}") for id in self.columns]

    def meet(self, ids: Sequence[int]) -> None:
        """Make room for labels that were not known."""
        self.columns += [id for id in ids if id not in self.columns]
        self.ridge.widen(len(self.head.outputs([str(id) for id in self.columns])))

    def learn(self, cases: Sequence[Case], names: Names) -> None:
        """Learn finished documents; what was learned of them before is unlearned first."""
        self.unlearn(cases)
        labels = self.labels(names)
        for case in cases:
            assert case.document.id is not None, "a stored document has its id"
            right = self.head.answers(case.document, labels)
            self.learned[case.document.id] = np.nan_to_num(right, nan=UNKNOWN).astype(np.int8)
        self._add(cases, 1.0)

    def unlearn(self, cases: Sequence[Case]) -> None:
        """Take back what was learned of documents."""
        known = [case for case in cases if case.document.id in self.learned]
        self._add(known, -1.0)
        for case in known:
            del self.learned[case.document.id or 0]

    def _add(self, cases: Sequence[Case], sign: float) -> None:
        if not cases:
            return
        # All at once: the sums are large, and each time they are read and written as a whole.
        units = [self._units(case, self.learned[case.document.id or 0]) for case in cases]
        self.ridge.add(Units.joined(units), sign)
        self._solution = None

    def _units(self, case: Case, answers: np.ndarray) -> Units:
        """Return the units that have an answer, and what of it is to be learned."""
        known = (answers != UNKNOWN).all(axis=1)
        right = self._wide(answers[known])
        outside = right[:, 0] == 1 if not self.head.task.marks_whole else np.zeros(len(right), bool)
        if case.before is not None:
            right = right - case.before[known]
        return Units(case.rows[known], right, outside)

    def _wide(self, answers: np.ndarray) -> np.ndarray:
        wide = np.zeros((len(answers), self.ridge.outputs), np.float32)
        wide[:, : answers.shape[1]] = answers
        return wide

    @property
    def ready(self) -> bool:
        """Tell whether there is something to say."""
        return self._solution is not None

    def solve(self, sample: Sequence[Case]) -> None:
        """Draw the conclusions; ``sample`` are learned documents that tell how sure it may be."""
        self._solution = self.ridge.solve()
        learned = [self._units(case, self.learned[case.document.id or 0]) for case in sample]
        told = self._solution.without(learned)
        values, answers = [np.zeros((0, self.ridge.outputs))], [np.zeros((0, self.ridge.outputs))]
        for case, units, value in zip(sample, learned, told, strict=True):
            before = self._before(case)
            values.append(value + before)
            answers.append(units.answers + before)
        chances = self.head.objective.chances
        self._calibration = fitted(np.concatenate(values), np.concatenate(answers), chances)

    def _before(self, case: Case) -> np.ndarray | float:
        """Return what the starting point says of the units that have an answer."""
        known = (self.learned[case.document.id or 0] != UNKNOWN).all(axis=1)
        return 0.0 if case.before is None else case.before[known]

    def scores(self, cases: Sequence[Case]) -> list[np.ndarray]:
        """Return log-probabilities of shape (units, outputs) for documents."""
        assert self._solution, "it has drawn its conclusions"
        found = []
        for case in cases:
            values = self._solution.predict(case.rows)
            values = values if case.before is None else values + case.before
            found.append(self._calibration.scores(values, self.head.objective.chances))
        return found
