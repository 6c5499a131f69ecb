"""Strings of which a label is known before the coach has learned much, found again in texts.

What other projects' people marked: taken are projects of the same task whose labels are called
alike (``start.is_like``), and of what they marked the strings that bear one label, and bear it
mostly where they stand. How often that was so in finished documents, this project's own among
them, is how sure a suggestion is: so a word that people pass over is soon no longer suggested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from engine.coach import start
from engine.corpus.dictionary import Dictionary, from_labels
from storage.coaching import earlier
from storage.coaching.earlier import Marked
from storage.corpus import projects
from storage.database.connection import Database
from storage.types import Document, Source, Span

SURE = 0.5
"""As often as not is not enough."""


@dataclass(frozen=True, slots=True)
class Belief:
    """How often a string is taken to have stood somewhere, and to have been marked, beforehand."""

    stood: float = 1.0
    marked: float = 0.5


class Words:
    """Strings with their labels, and how often each stood in a finished text, and was marked."""

    def __init__(
        self,
        dictionary: Dictionary,
        texts: Iterable[Marked] = (),
        belief: Belief = Belief(),
        inside: bool = False,
    ) -> None:
        """``texts`` are read once. ``inside``: what stands inside of a token counts, too."""
        self._dictionary, self._belief, self._inside = dictionary, belief, inside
        self._stood: Counter[str] = Counter()
        self._marked: Counter[str] = Counter()
        self._noted: dict[int, list[tuple[str, bool]]] = {}
        """What was counted of each of this project's own documents."""
        for text, spans in texts:
            self._count(_found(text, dictionary.spans(text), spans), 1)

    def __len__(self) -> int:
        return len(self._dictionary)

    def note(self, document: Document) -> bool:
        """Count what a finished document of this project says, in place of what it said before.

        Return whether it says, or said, something.
        """
        assert document.id is not None, "a stored document has its id"
        known = self.forget(document)
        # What would not be suggested here nobody has passed over.
        if found := list(_found(document.text, self._at_borders(document), document.spans)):
            self._noted[document.id] = found
            self._count(found, 1)
        return known or bool(found)

    def forget(self, document: Document) -> bool:
        """Count a document of this project no more; return whether it was counted."""
        found = self._noted.pop(document.id or 0, ())
        self._count(found, -1)
        return bool(found)

    def spans(self, document: Document, least: float) -> tuple[Span, ...]:
        """Return what it would mark in a document, as far as it is sure enough of it."""
        found = (self._scored(document.text, hit) for hit in self._at_borders(document))
        return tuple(span for span in found if SURE < (span.score or 0.0) >= least)

    def _count(self, found: Iterable[tuple[str, bool]], times: int) -> None:
        for quote, marked in found:
            self._stood[quote] += times
            self._marked[quote] += times * marked

    def _at_borders(self, document: Document) -> Iterator[Span]:
        starts, ends = ({token[side] for token in document.tokens} for side in (0, 1))
        for hit in self._dictionary.spans(document.text):
            if self._inside or (hit.start in starts and hit.end in ends):
                yield hit

    def _scored(self, text: str, hit: Span) -> Span:
        quote, belief = text[hit.start : hit.end], self._belief
        stood, marked = self._stood[quote] + belief.stood, self._marked[quote] + belief.marked
        # One that was seen once is no certainty.
        return replace(hit, source=Source.MODEL, score=marked / stood)


def _found(text: str, hits: Iterable[Span], spans: Iterable[Span]) -> Iterator[tuple[str, bool]]:
    """Return the strings that stand in a text, each with whether it is marked there."""
    known = set(spans)
    return ((text[hit.start : hit.end], hit in known) for hit in hits)


def gather(db: Database, project_id: int, names: Collection[str]) -> Words:
    """Return the words of the projects like this one, for labels of these names."""
    annotations = earlier.finished(db, _like(db, project_id, names))
    counts = Counter(
        (text[span.start : span.end], span.label)
        for text, spans in earlier.marked(db, annotations)
        for span in spans
    )
    entries, _ = from_labels(((*named, count) for named, count in counts.items()), at_least=1)
    dictionary = Dictionary(entry for entry in entries if entry.label in names)
    return Words(dictionary, earlier.marked(db, annotations) if len(dictionary) else ())


def _like(db: Database, project_id: int, names: Collection[str]) -> list[int]:
    known = projects.list_projects(db)
    task = next((each.task for each in known if each.id == project_id), "")
    others = (each for each in known if each.id != project_id and each.task == task)
    return [o.id for o in others if start.is_like(names, [label.name for label in o.labels])]
