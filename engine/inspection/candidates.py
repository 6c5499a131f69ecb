"""The candidates of a left text: the pairs that have it, best first as the newest model says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine import tasks
from engine.tasks.base import Fitting
from storage.runs.suggestions import Suggestions
from storage.types import Project


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs with one left text: those that the model of ``run`` looked at first, by relevance.

    ``said`` has what the model says of each of them; the others follow in order of import.
    """

    documents: Sequence[int]
    said: Mapping[int, Suggestions]
    run: int | None


def ranked(
    project: Project, documents: Iterable[int], said: Mapping[int, Suggestions]
) -> Candidates:
    """Order some pairs by how well their second text fits, as ``said`` says of some of them.

    It is the expected grade (``Fitting.relevance``) of the answers that are kept with each pair.
    """
    fitting = tasks.get(project.task).fitting
    assert fitting, "only projects on two texts have candidates"
    documents = list(documents)
    relevance = _relevance(fitting, said, [label.name for label in project.labels])
    last = -np.inf
    order = sorted(documents, key=lambda document: -relevance.get(document, last))
    runs = {each.run for each in said.values()}
    return Candidates(order, said, max(runs, default=None))


def _relevance(
    fitting: Fitting, said: Mapping[int, Suggestions], labels: Sequence[str]
) -> dict[int, float]:
    """Return the expected grade of each pair; of a label that is gone nothing is expected."""
    columns = {label: column for column, label in enumerate(labels)}
    chances = np.zeros((len(said), len(labels)))
    for row, each in enumerate(said.values()):
        for span in (*each.spans, *each.guesses):
            if span.label in columns:
                chances[row, columns[span.label]] = span.score or 0.0
    return dict(zip(said, map(float, fitting.relevance(chances, labels)), strict=True))
