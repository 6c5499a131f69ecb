"""Gold and predicted labels of whole documents, held against each other. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from storage.facts import Facts
from storage.types import Document, ErrorKind, Match, Span


def match_documents(
    documents: Sequence[Document], predicted: Iterable[Sequence[Span]]
) -> list[Match]:
    """Match labels document by document: the same ones first, then what is left, by name.

    A match names its document by id, or by its position where documents have none.
    """
    matches = []
    for index, (document, spans) in enumerate(zip(documents, predicted, strict=True)):
        number = index if document.id is None else document.id
        matches += [Match(number, *both, _judge(*both)) for both in _pair(document.spans, spans)]
    return matches


def facts(documents: Iterable[Document], matches: Iterable[Match]) -> list[Facts]:
    """Return the kind of error of each match, and the length of its document."""
    lengths = {document.id: len(document.tokens) for document in documents}
    kinds = [(match, "" if match.kind is ErrorKind.EXACT else match.kind) for match in matches]
    return [Facts(str(kind), document_length=lengths[match.document]) for match, kind in kinds]


def _pair(gold: Sequence[Span], predicted: Sequence[Span]) -> list[tuple[Span | None, Span | None]]:
    found = {span.label: span for span in predicted}
    same: list[tuple[Span | None, Span | None]]
    same = [(span, found.pop(span.label)) for span in sorted(gold) if span.label in found]
    agreed = {span.label for span, _ in same if span}
    left = [span for span in sorted(gold) if span.label not in agreed]
    rest = sorted(found.values())
    both = min(len(left), len(rest)) if len(gold) == len(predicted) == 1 else 0
    return [
        *same,
        *zip(left[:both], rest[:both], strict=True),
        *((span, None) for span in left[both:]),
        *((None, span) for span in rest[both:]),
    ]


def _judge(gold: Span | None, predicted: Span | None) -> ErrorKind:
    if gold is None:
        return ErrorKind.SPURIOUS
    if predicted is None:
        return ErrorKind.MISSED
    return ErrorKind.EXACT if gold == predicted else ErrorKind.TYPE
