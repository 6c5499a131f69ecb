"""Who is in which slice: each match by its gold mark, by the predicted one where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.evaluation.slices import registry
from engine.evaluation.slices.registry import Slice
from engine.evaluation.slices.train import Said, Train
from storage.types import Document, Match


def of(
    documents: Mapping[int, Document], matches: Sequence[Match], train: Train, *, ranges: bool
) -> Iterator[list[str]]:
    """Yield the names of the slices that each match is in, in the order of the matches.

    ``documents`` has all that the matches name. ``ranges`` says whether marks have a range, or
    stand for the whole document: then slices of a mark's words say nothing of their own.
    """
    asked = [each for each in registry.every() if ranges or not each.ranges]
    texts = [each for each in asked if each.document]
    marks = [each for each in asked if each.mark]
    known: dict[int, list[str]] = {}
    for match in matches:
        document = documents[match.document]
        if match.document not in known:
            known[match.document] = _holding(texts, document, train)
        said = Said.of(document, match.place, train)
        own = [each.name for each in marks if each.mark and each.mark(said, train)]
        yield own + known[match.document]


def _holding(texts: Sequence[Slice], document: Document, train: Train) -> list[str]:
    return [each.name for each in texts if each.document and each.document(document, train)]
