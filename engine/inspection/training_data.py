"""What a training would learn from now: counted from sets and lengths, not by reading it all.

A million documents that are done would take half a minute to read; what a page says of them takes
a few milliseconds so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

import numpy as np

from engine import tasks
from engine.configuration.bases import Shape
from engine.configuration.recipes import Data
from engine.tasks.base import Learnable, Unlearned
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.finding import facets
from storage.finding.facets import FacetIndex
from storage.finding.sets import bit_sets, measures
from storage.finding.sets.measures import Measures
from storage.finding.sets.memberships import DetailedStatus, Facet
from storage.journal import annotations as journal
from storage.types import Project, Split

# So many documents of a label are looked at first: nearly always one of them teaches it.
FEW = 20


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The documents of a project that are done, at one moment."""

    project: Project
    index: FacetIndex = field(repr=False)
    measures: Measures = field(repr=False)

    @classmethod
    def of(cls, db: Database, project: Project) -> TrainingData:
        """Count what is done in a project now."""
        return cls(project, facets.index(db, project.id), measures.of(db, project.id))

    def done(self, *splits: Split | None) -> int:
        """Return the set of the documents that are done, of these splits (``bit_sets``)."""
        statuses = (DetailedStatus.DONE, DetailedStatus.EMPTY)
        done = reduce(or_, (self.index.having(Facet.STATUS, status) for status in statuses))
        if not splits:
            return done
        return done & reduce(or_, (self.index.having(Facet.SPLIT, split) for split in splits))

    @property
    def marked(self) -> int:
        """Return the set of the documents that are done and have a mark."""
        labels = self.index.of(Facet.LABEL).values()
        return self.done() & reduce(or_, labels, 0)

    def words(self, documents: int) -> int:
        """Return how many words a set of documents has."""
        return int(self.measures.words[bit_sets.numbers(documents)].sum())

    def data(self, shape: Shape) -> Data:
        """Describe train for a recipe, as ``Data.of`` would its documents."""
        train = self.done(Split.TRAIN)
        spanned, alone = train & self.marked, train & ~self.measures.pairs
        whole = tasks.get(self.project.task).marks_whole
        labels = self.index.of(Facet.LABEL).values() if whole else ()
        pairs = spanned & self.measures.pairs
        return Data(
            train.bit_count(),
            self.words(train),
            spanned.bit_count(),
            self.words(spanned),
            shape,
            labels=sum(1 for held in labels if held & alone),
            pairs=pairs.bit_count(),
            questions=_different(self.measures.texts[bit_sets.numbers(pairs)]),
        )

    @property
    def scored(self) -> tuple[int, int]:
        """Return how many words of dev and of test a model would be scored on."""
        dev, test = (self.words(self.done(split)) for split in (Split.DEV, Split.TEST))
        return dev, test


def _different(numbers: np.ndarray) -> int:
    """Count the texts that have these numbers, of which 0 is a text that stands alone."""
    alone = int((numbers == 0).sum())
    return alone + np.unique(numbers[numbers > 0]).size


def learnable(db: Database, known: TrainingData) -> Learnable:
    """Tell which labels the documents that are done teach, as their task would of them all.

    Of each label some documents of train are read, and all of those that none of them teaches.
    """
    project = known.project
    names, task = [label.name for label in project.labels], tasks.get(project.task)
    held = {label.name: known.index.having(Facet.LABEL, label.id) for label in project.labels}
    train, everything = known.done(Split.TRAIN, None), known.done()
    some = [bit_sets.numbers(found & train)[:FEW] for found in held.values()]
    first = journal.of_documents(db, np.unique(np.concatenate([*some, []])).astype(int).tolist())
    learned = set(task.learnable(first, names).learned)
    others = reduce(or_, (held[name] & everything for name in names if name not in learned), 0)
    rest = journal.of_documents(db, bit_sets.members(others))
    return task.learnable([*first, *rest], names)


def unlearned(db: Database, known: TrainingData, documents: Iterable[int]) -> list[Unlearned]:
    """Return what no model learns of these documents as it is (``Task.unlearned``).

    A thousand documents are in memory at a time, and those that have something of the kind.
    """
    task, found = tasks.get(known.project.task), dict[str, Unlearned]()
    for chunk in chunks(map(int, documents), 1_000):
        for each in task.unlearned(journal.of_documents(db, chunk)):
            before = found.get(each.reason)
            marks = [*(before.marks if before else ()), *each.marks]
            found[each.reason] = each._replace(marks=marks)
    return list(found.values())
