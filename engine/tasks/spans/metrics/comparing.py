"""Two files of spans held against each other: all that ``score`` prints of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.tasks.spans.metrics import error_kinds, scoring, semeval
from engine.tasks.spans.metrics.error_kinds import Error
from storage.types import Document, Span


def compare(
    documents: Sequence[Document], predicted: Sequence[Sequence[Span]], check: bool
) -> tuple[dict[str, Any], list[str]]:
    """Return the figures and their tables; with ``check`` also what seqeval says."""
    matches = scoring.match_documents(documents, predicted)
    found = scoring.score_matches(documents, predicted, matches)
    errors = error_kinds.find_errors(matches)
    kinds, degrees = error_kinds.count_kinds(errors), semeval.score(documents, predicted)
    found["error_kinds"] = {**kinds, "errors": [_error(error) for error in errors]}
    found["semeval"] = degrees.to_dict()
    parts = [
        scoring.format_entity_report(found["entity"]),
        scoring.format_token_report(found["token"]),
        error_kinds.format_kinds(kinds),
        semeval.format_scores(degrees),
    ]
    if check:
        # It takes a second to load.
        from engine.tasks.spans.metrics import seqeval_check

        found["seqeval"] = seqeval_check.check(documents, predicted)
        parts += [seqeval_check.to_text(found["seqeval"])]
    return found, parts


def _error(error: Error) -> dict[str, Any]:
    """Return what went wrong where; sentences are counted from 0."""
    return {
        "document": error.document,
        "kind": str(error.kind),
        "border": error.border and str(error.border),
        "gold": [_mark(span) for span in error.gold],
        "predicted": [_mark(span) for span in error.predicted],
    }


def _mark(span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "label": span.label}
