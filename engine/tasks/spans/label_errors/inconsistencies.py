"""Strings that are labelled differently in places, or left unlabelled elsewhere."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from engine.evaluation.inconsistencies import Inconsistency, Place, ranked
from engine.tasks.spans.label_errors.strings import UNLABELLED, Strings, Words
from engine.tasks.spans.tagging.alignment import lift, place
from storage.types import Document, Span

Where = tuple[int, int, int]


def find(documents: Sequence[Document]) -> list[Inconsistency]:
    """Find the strings whose places differ, the one with the most to mend first.

    Places inside of other spans do not count, and a string that is hardly ever labelled is a
    word like any other (see ``strings.RARELY``). A place names its document by id, or by its
    position where documents have none.
    """
    labels = sorted({span.label for document in documents for span in document.spans})
    placements = [place(document, document.spans) for document in documents]
    strings = Strings(documents, placements, labels)
    wanted = {
        words
        for words, counts in strings.counts.items()
        if (counts[:UNLABELLED] > 0).sum() > 1 or (counts[UNLABELLED] and strings.often(words))
    }
    found: dict[Words, list[tuple[Where, Span | None]]] = defaultdict(list)
    for at, placement in enumerate(placements):
        for item in placement.placed:
            here = at, item.first, item.last
            if (words := strings.of(*here)) in wanted:
                found[words].append((here, item.span))
        for first, last in strings.bare(at):
            if (words := strings.of(at, first, last)) in wanted:
                found[words].append(((at, first, last), None))
    made = (_inconsistency(documents, places) for places in found.values())
    return ranked(one for one in made if len(one.counts) > 1)


def _inconsistency(
    documents: Sequence[Document], places: Sequence[tuple[Where, Span | None]]
) -> Inconsistency:
    quotes: Counter[str] = Counter()
    made = []
    for (at, first, last), given in sorted(places, key=lambda each: each[0]):
        document = documents[at]
        here = lift(document.tokens, first, last, "")
        quotes[document.text[here.start : here.end]] += 1
        id = at if document.id is None else document.id
        made.append(Place(id, here.start, here.end, given))
    # As it is mostly written: of upper and lower case one has to stand for both.
    return Inconsistency(max(quotes, key=lambda quote: (quotes[quote], quote)), tuple(made))
