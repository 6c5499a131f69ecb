"""What is known of matches of spans besides their labels: kind of error, lengths, seen or not.

*Seen* is a span whose words some span of train has, in any case and however the spaces between
them are written, and with whatever label: the exact matches of Taillé et al. (2020), who compare
case-insensitively, less their condition that the label is the same, so that a string with another
label in train is no new string. Standard library.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from engine.tasks.spans.metrics.error_kinds import Border, Error, find_errors
from storage.facts import Facts
from storage.types import Document, Match, Span


def of_matches(
    documents: Iterable[Document], matches: Sequence[Match], train: Iterable[Document]
) -> list[Facts]:
    """Return the facts of each match of these documents; all matches of a document must be there.

    ``train`` is read once. Raises KeyError where a match's document is not among ``documents``.
    """
    known = {words(document, span) for document in train for span in document.spans}
    errors = {id(match): error for error in find_errors(matches) for match in error.matches}
    places = {document.id: _Places(document) for document in documents}
    return [
        _facts(places[match.document], match, errors.get(id(match)), known) for match in matches
    ]


def words(document: Document, span: Span) -> str:
    """Return a span's words in one case, parted by one space."""
    return " ".join(document.text[span.start : span.end].casefold().split())


class _Places:
    """A document whose tokens can be counted between two code points."""

    def __init__(self, document: Document):
        self.document = document
        self._starts = [start for start, _ in document.tokens]
        self._ends = [end for _, end in document.tokens]

    def tokens(self, span: Span) -> int:
        """Count the tokens that a span touches."""
        return bisect_left(self._starts, span.end) - bisect_right(self._ends, span.start)


def _facts(places: _Places, match: Match, error: Error | None, known: set[str]) -> Facts:
    return Facts(
        error=str(error.kind) if error else "",
        border=_border(error),
        length=places.tokens(match.place),
        document_length=len(places.document.tokens),
        seen=words(places.document, match.place) in known if known else None,
    )


def _border(error: Error | None) -> str | None:
    """Say how borders differ; of what is split or merged no single one can be said."""
    border: Border | None = error.border if error else None
    return str(border) if border else None
