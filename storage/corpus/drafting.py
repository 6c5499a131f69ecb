"""Documents checked, counted and made rows, as a stage takes them.

Nothing is written here, so that another process than the one with the stage can do it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from storage import tasks
from storage.corpus import marks, staged_rows, validation
from storage.corpus.staged_rows import Place
from storage.errors import InputError
from storage.hashing import joint_hash, text_hash
from storage.types import Document, Merged, Span, Split, Status

# More labels than this are no labels: somebody took the wrong column.
MOST_LABELS = 50_000
# What a table's documents all have in their layout.
_COLUMNS = "columns"
# Enumerations as the words that they are.
_WORDS: dict[str, str] = {each: str(each) for each in (*Status, *Split)}
Rows = list[tuple[Any, ...]]
Batch = tuple[Rows, Rows, Rows, Rows]
"""Rows of documents, of their spans, of who said what, and (hash, file, line, split, whether it is
a pair) of each document; of nothing but strings, numbers and None."""


@dataclass(slots=True)
class Tally:
    """What a file brings in."""

    documents: int = 0
    tokens: int = 0
    spans: int = 0


def _owner(name: str) -> str:
    """Return the name of who gave a document's own spans: a person, or what people decided."""
    return name if name == Merged.ADJUDICATED else validation.person(name)


def _check_texts(document: Document) -> None:
    """Raise InputError for what no database can store."""
    beside = document.name + document.group + document.date
    for value in (document.text, document.second_text or "", beside):
        if "\0" in value or not value.isascii():
            what = "A document's name" if value is beside else marks.named(document)
            validation.text(value, what)


class Drafts:
    """Makes rows of documents, in order; counts go on from one batch to the next."""

    def __init__(self, task: str, allow_overlaps: bool) -> None:
        self.documents = 0
        self.overlaps = False
        self.labels: dict[str, int] = {}
        self.label_counts: Counter[str] = Counter()
        self.tallies: dict[int, Tally] = {}
        self._whole = tasks.marks_whole(task)
        self._allow_overlaps = allow_overlaps
        self._annotations = 0
        self._columns: tuple[Any, str] = None, ""
        self._batch: Batch = ([], [], [], [])

    def __len__(self) -> int:
        """How many documents were made rows since the last batch was taken."""
        return len(self._batch[0])

    def taken(self) -> Batch:
        """Return what was made since the last time."""
        batch, self._batch = self._batch, ([], [], [], [])
        return batch

    def add(self, document: Document, place: Place, split: Split | None) -> None:
        """Check a document and make its rows; raise InputError, and make none, where it is bad."""
        spans = sorted(dict.fromkeys(document.spans)) if document.spans else []
        answers = self._said(document) if document.annotator or document.others else []
        rows, _, said, _ = self._batch
        rows.append(self._row(document, spans, place, split))
        said += answers
        self._count(document, spans, place)

    def _row(
        self, document: Document, spans: Sequence[Span], place: Place, split: Split | None
    ) -> tuple[Any, ...]:
        text, second = document.text, document.second_text
        _check_texts(document)
        layout = self._layout(document) if document.layout else "{}"
        status, annotation = document.status, None
        if spans or status is not Status.UNTOUCHED:
            annotation = self._annotations + 1
            self._take(document, spans, annotation)
        hashed, second_hash = text_hash(text), None if second is None else text_hash(second)
        part = _WORDS[found] if (found := document.split or split) else None
        is_pair = second is not None
        self._batch[3].append((joint_hash(hashed, second_hash), *place, part, is_pair))
        # As compact as JSON can be, and quicker than its encoder.
        boundaries = str(list(chain.from_iterable(document.tokens))).replace(" ", "")
        return (
            *(self.documents + 1, place.file, place.line, document.name, part),
            *(document.group, hashed, second_hash, layout, text, second, document.date),
            *(boundaries, _WORDS[status], annotation),
        )

    def _layout(self, document: Document) -> str:
        """Return a layout as JSON; the columns, the same in all of a file, are written once."""
        layout, named = document.layout, marks.named(document)
        if (columns := layout.get(_COLUMNS)) is None or len(layout) == 1:
            return validation.record(layout, named)
        written = validation.record({k: v for k, v in layout.items() if k != _COLUMNS}, named)
        if columns is not self._columns[0]:
            self._columns = columns, validation.record(columns, named)
        return f'{written[:-1]},"{_COLUMNS}":{self._columns[1]}}}'

    def _said(self, document: Document) -> list[tuple[Any, ...]]:
        """Return the rows of who said what; raise InputError before anything is taken."""
        number, names = self.documents + 1, set[str]()
        found: list[tuple[Any, ...]] = []
        if document.status is Status.UNTOUCHED and not document.spans:
            return []
        if document.annotator:
            names.add(name := _owner(document.annotator))
            found.append((number, name, None, "[]"))
        for answer in document.others:
            name = validation.person(answer.annotator)
            if name in names:
                raise InputError(
                    f"{marks.named(document)} has two answers of {name[:40]!a}: keep one."
                )
            names.add(name)
            spans = sorted(dict.fromkeys(answer.spans))
            self._check_spans(document, spans)
            for span in spans:
                self._check_label(span.label)
            rows = [
                (
                    s.start,
                    s.end,
                    self.labels.setdefault(s.label, len(self.labels)),
                    staged_rows.source(s),
                )
                for s in spans
            ]
            written = json.dumps([[*row, s.score] for row, s in zip(rows, spans, strict=True)])
            found.append((number, name, str(answer.status), written))
        return found

    def _take(self, document: Document, spans: Sequence[Span], annotation: int) -> None:
        self._check_spans(document, spans)
        for span in spans:
            self._check_label(span.label)
        self._annotations = annotation
        for number, span in enumerate(spans, 1):
            label = self.labels.setdefault(span.label, len(self.labels))
            place = annotation, f"i{number}", span.start, span.end, label
            self._batch[1].append((*place, staged_rows.source(span), span.score))

    def _check_label(self, name: str) -> None:
        if name in self.labels:
            return
        validation.label_name(name)
        if len(self.labels) >= MOST_LABELS:
            raise InputError(
                f"There are more than {MOST_LABELS:,} different labels, so they are probably "
                "something else: choose another column."
            )

    def _count(self, document: Document, spans: Sequence[Span], place: Place) -> None:
        self.documents += 1
        for span in spans:
            self.label_counts[span.label] += 1
        tally = self.tallies.setdefault(place.file, Tally())
        tally.documents += 1
        tally.tokens += len(document.tokens)
        tally.spans += len(spans)

    def _check_spans(self, document: Document, spans: Sequence[Span]) -> None:
        if marks.check(document, spans, self._whole, self._allow_overlaps):
            self.overlaps = True
