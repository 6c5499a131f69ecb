"""What is told of: a finished run, its report, and what its frozen data hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.configuration import bases
from engine.evaluation.figures import SPLITS
from storage.types import Document, Split
from storage.words import SPANS, Words


@dataclass(frozen=True, slots=True)
class Part:
    """A split of the frozen data: its documents, and how often people gave each label."""

    documents: int
    marks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Subject:
    """A run that is told of. Everything but ``report`` may be what earlier versions lacked."""

    title: str
    """What people call the run: "Run 7"."""
    report: Mapping[str, Any]
    """``report.json`` in the form of now (see ``engine.evaluation.figures``)."""
    pipeline: str
    """What the Hugging Face hub calls the task: "token-classification"."""
    words: Words = SPANS
    """What the task calls its things."""
    two_texts: bool = False
    """Each document has a second text, and the model reads both."""
    finished: str = ""
    """The day on which it ended, as "2026-11-26"."""
    splits: Sequence[str] = SPLITS
    """Those that are asked for, in this order; one that was not scored is left out."""
    notes: Sequence[str] = ()
    """Sentences about labels that the model could not learn."""
    data: Mapping[str, Part] = field(default_factory=dict)
    """The frozen data by split, train first."""
    events: Callable[[], Sequence[Mapping[str, Any]]] = tuple
    """Reads what the worker told while it trained: many lines, and most formats need none."""

    slices: Callable[[], Mapping[str, Sequence[Mapping[str, Any]]]] = dict
    """Counts what each slice costs, by split: it takes a moment, and most formats need none."""

    asked: Sequence[tuple[str, str]] = ()
    """What people were asked once for the project's cards, with the answers, "" without one."""
    front: Mapping[str, Any] = field(default_factory=dict)
    """What the hub's metadata says of these answers."""
    agreement: Sequence[str] = ()
    """Sentences about how far people agree."""

    @property
    def project(self) -> str:
        return str(self.report.get("project") or "Untitled")

    @property
    def scores(self) -> dict[str, Mapping[str, Any]]:
        """Return the scores of each split that is told of."""
        return {name: self.report[name] for name in self.splits if self.report.get(name)}

    @property
    def base(self) -> str:
        """Return the base model's name; of a folder the last part, the rest is nobody's affair."""
        return bases.title(str(self.report.get("base") or ""))

    def mapping(self, name: str) -> Mapping[str, Any]:
        """Return a part of the report that only describes; empty where a version lacked it."""
        found = self.report.get(name)
        return found if isinstance(found, Mapping) else {}


def count(documents: Iterable[Document]) -> dict[str, Part]:
    """Count documents and marks by split; a split without a document is left out."""
    sizes: Counter[Split] = Counter()
    marks: dict[Split, Counter[str]] = {split: Counter() for split in Split}
    for document in documents:
        split = document.split or Split.TRAIN
        sizes[split] += 1
        marks[split].update(span.label for span in document.spans)
    return {str(s): Part(sizes[s], dict(sorted(marks[s].items()))) for s in Split if sizes[s]}
