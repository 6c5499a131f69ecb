"""Two people's marks held against each other, as a report holds gold against predicted ones."""

from __future__ import annotations

import numpy as np

from engine import tasks
from engine.agreement.versions import Versions
from storage.types import Document, Match, Span


def match(versions: Versions, a: int, b: int, task: str) -> list[Match]:
    """Match the marks of two people, by their places, on what both have finished.

    The first one's stand for gold, the second one's for predicted: so the confusion table of two
    people is counted, drawn and opened as that of a report.
    """
    pair = versions.of_people([a, b])
    pair = pair.of_documents(pair.common)
    first, second = (_spans(pair, person) for person in (0, 1))
    documents = [
        Document("", spans=tuple(spans), id=id)
        for id, spans in zip(pair.documents.tolist(), first, strict=True)
    ]
    return tasks.get(task).match(documents, second)


def _spans(pair: Versions, person: int) -> list[list[Span]]:
    """Return one person's marks of each document, in the order of the text."""
    marks = pair.marks.those(pair.marks.person == person)
    # A mark that was given twice is one.
    rows = np.unique(np.column_stack(marks[1:]), axis=0) if len(marks.label) else ()
    found: list[list[Span]] = [[] for _ in range(len(pair.documents))]
    for document, start, end, label in np.array(rows).reshape(-1, 4).tolist():
        found[document].append(Span(start, end, pair.labels[label]))
    return found
