"""What other projects' people marked, found again: suggested before the coach has learned much.

Taken are projects of the same task whose labels are called alike (``start.is_like``), and of what
they marked the strings that bear one label, and bear it mostly where they stand. How often that
was so in finished documents, this project's own among them, is how sure a suggestion is: so a
word that people pass over is soon no longer suggested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from engine.coach import start
from engine.corpus.dictionary import Dictionary, from_labels
from storage.coaching import earlier
from storage.coaching.earlier import Marked
from storage.corpus import projects
from storage.database.connection import Database
from storage.types import Document, Source, Span

SURE = 0.5
"""As often as not is not enough."""


class Words:
    """Strings with their labels, and how often each stood in a finished text, and was marked."""

    def __init__(self, dictionary: Dictionary, texts: Iterable[Marked]) -> None:
        """``texts`` are read once."""
        self._dictionary = dictionary
        self._stood: Counter[str] = Counter()
        self._marked: Counter[str] = Counter()
        self._own: Words | None = None
        for text, spans in texts:
            known = set(spans)
            for hit in dictionary.spans(text):
                quote = text[hit.start : hit.end]
                self._stood[quote] += 1
                self._marked[quote] += hit in known

    def __len__(self) -> int:
        return len(self._dictionary)

    def hold_against(self, own: Iterable[Document]) -> None:
        """Count what a project's own finished documents say, in place of what they said before."""
        self._own = Words(self._dictionary, ((each.text, list(each.spans)) for each in own))

    def spans(self, document: Document, least: float) -> tuple[Span, ...]:
        """Return what it would mark in a document, as far as it is sure enough of it."""
        found = (self._scored(document.text, hit) for hit in self._at_borders(document))
        return tuple(span for span in found if SURE < (span.score or 0.0) >= least)

    def _at_borders(self, document: Document) -> Iterator[Span]:
        starts, ends = ({token[side] for token in document.tokens} for side in (0, 1))
        for hit in self._dictionary.spans(document.text):
            if hit.start in starts and hit.end in ends:
                yield hit

    def _scored(self, text: str, hit: Span) -> Span:
        quote = text[hit.start : hit.end]
        counted = [self, self._own] if self._own else [self]
        stood = sum(each._stood[quote] for each in counted)
        marked = sum(each._marked[quote] for each in counted)
        # One that was seen once is no certainty.
        return replace(hit, source=Source.MODEL, score=(marked + 0.5) / (stood + 1))


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
