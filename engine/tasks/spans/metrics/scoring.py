"""Scores of predicted spans against gold spans; pure Python and NumPy.

Two kinds of figure, never mixed: *entities* (a span counts when its range and its label
are right, as seqeval and conlleval count) and *tokens* (every token's IOB2 tag, as
scikit-learn's classification_report counts). The formulas are theirs, term by term, so
that the figures agree to the last digit.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

import numpy as np

from engine.evaluation.confusion import confuse
from engine.evaluation.figures import as_text
from engine.evaluation.rates import divide, f1_of_counts, f1_of_rates
from engine.tasks.spans.tagging.alignment import place
from engine.tasks.spans.tagging.schemes import Scheme, encode
from storage.types import Document, ErrorKind, Match, Span


def score(documents: Sequence[Document], predicted: Sequence[Sequence[Span]]) -> dict:
    """Score predicted spans (one sequence per document) against the documents' own spans.

    Returns ``{"entity": {micro, macro, weighted, labels}, "token": {accuracy, micro, macro,
    weighted, labels}, "confusion": {labels, counts, exact}, "documents", "tokens"}``. A row is
    ``{precision, recall, f1, support, predicted}``. Labels and tags listed are those that occur
    in gold or in predictions; ``macro`` is the mean over exactly these.
    """
    return score_matches(documents, predicted, match_documents(documents, predicted))


def score_matches(
    documents: Sequence[Document], predicted: Sequence[Sequence[Span]], matches: Iterable[Match]
) -> dict:
    """Do the same where the spans are matched already."""
    confusion = confuse(matches)
    return {
        "entity": score_entities(confusion),
        "token": score_tokens(*_both_tags(documents, predicted)),
        "confusion": confusion,
        "documents": len(documents),
        "tokens": sum(len(document.tokens) for document in documents),
    }


# --- matches ------------------------------------------------------------------------------


def match_documents(
    documents: Sequence[Document], predicted: Iterable[Sequence[Span]]
) -> list[Match]:
    """Match gold and predicted spans document by document, in reading order.

    A match names its document by id, or by its position where documents have none.
    """
    matches = []
    for index, (document, spans) in enumerate(zip(documents, predicted, strict=True)):
        number = index if document.id is None else document.id
        for gold, found in match_spans(document.spans, spans):
            matches.append(Match(number, gold, found, judge(gold, found)))
    return matches


def match_spans(
    gold: Sequence[Span], predicted: Sequence[Span]
) -> list[tuple[Span | None, Span | None]]:
    """Match spans one to one: exact matches first, then the largest overlap, ties leftmost.

    What finds no partner is matched with None. The result is in reading order.
    """
    partner = _equals(gold, predicted)
    used = set(partner.values())
    # In most documents nothing is left to be held against something else.
    if len(partner) < len(gold) and len(used) < len(predicted):
        for i, j in _overlapping(gold, predicted, partner, used):
            if i not in partner and j not in used:
                partner[i] = j
                used.add(j)
    matches: list[tuple[Span | None, Span | None]]
    matches = [(g, predicted[partner[i]] if i in partner else None) for i, g in enumerate(gold)]
    matches += [(None, p) for j, p in enumerate(predicted) if j not in used]
    return sorted(matches, key=_place) if len(matches) > 1 else matches


def _equals(gold: Sequence[Span], predicted: Sequence[Span]) -> dict[int, int]:
    """Pair the places of gold and predicted spans that are the same, each with one other."""
    places: dict[tuple[int, int, str], list[int]] = {}
    for j in range(len(predicted) - 1, -1, -1):
        span = predicted[j]
        places.setdefault((span.start, span.end, span.label), []).append(j)
    found = {}
    for i, span in enumerate(gold):
        if same := places.get((span.start, span.end, span.label)):
            found[i] = same.pop()
    return found


def _overlapping(
    gold: Sequence[Span], predicted: Sequence[Span], partner: Container[int], used: Container[int]
) -> list[tuple[int, int]]:
    """Return the places of spans without a partner that overlap, the largest overlap first."""
    left = [i for i in range(len(gold)) if i not in partner]
    free = [j for j in range(len(predicted)) if j not in used]
    pairs = [
        (left[i], free[j])
        for i, j in touching([gold[i] for i in left], [predicted[j] for j in free])
    ]
    return sorted(
        pairs,
        key=lambda at: (
            -overlap(gold[at[0]], predicted[at[1]]),
            gold[at[0]],
            predicted[at[1]],
            *at,
        ),
    )


def _place(match: tuple[Span | None, Span | None]) -> tuple[int, int, str]:
    leader = match[0] or match[1]
    assert leader, "a match has a side"
    return leader.start, leader.end, leader.label


def overlap(one: Span, other: Span) -> int:
    """Return how many code points two spans share; none or less where they lie apart."""
    return min(one.end, other.end) - max(one.start, other.start)


def touching(gold: Sequence[Span], predicted: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """Yield the places of all gold and predicted spans that overlap, in the order of gold."""
    order = sorted(range(len(predicted)), key=lambda j: predicted[j].start)
    starts = [predicted[j].start for j in order]
    longest = max((span.end - span.start for span in predicted), default=0)
    for i, span in enumerate(gold):
        near = range(bisect_right(starts, span.start - longest), bisect_left(starts, span.end))
        yield from ((i, order[k]) for k in near if overlap(span, predicted[order[k]]) > 0)


def judge(gold: Span | None, predicted: Span | None) -> ErrorKind:
    """Name how a paired gold and predicted span differ."""
    if predicted is None:
        return ErrorKind.MISSED
    if gold is None:
        return ErrorKind.SPURIOUS
    same_range = (gold.start, gold.end) == (predicted.start, predicted.end)
    if gold.label == predicted.label:
        return ErrorKind.EXACT if same_range else ErrorKind.BOUNDARY
    return ErrorKind.TYPE if same_range else ErrorKind.TYPE_AND_BOUNDARY


# --- entities -----------------------------------------------------------------------------


def score_entities(confusion: Mapping) -> dict:
    """Return entity precision, recall, F1 and support: per label, micro, macro, weighted."""
    labels, counts = confusion["labels"], confusion["counts"]
    correct = dict(zip(labels, confusion["exact"], strict=True))
    support = {label: sum(row) for label, row in zip(labels, counts, strict=False)}
    columns = zip(*counts, strict=True)
    predicted = {label: sum(column) for label, column in zip(labels, columns, strict=False)}
    return _tabulate(labels, correct, predicted, support, f1_of_rates)


def micro(matches: Iterable[Match]) -> dict:
    """Return only the micro-averaged entity row; what an epoch's metric shows."""
    return score_entities(confuse(matches))["micro"]


# --- tokens -------------------------------------------------------------------------------


def spans_to_tags(document: Document, spans: Sequence[Span]) -> list[str]:
    """Return the IOB2 tag of each token; a span that tags cannot hold leaves no tags."""
    placed = place(document, spans).placed
    ranges = ((item.first, item.last, item.span.label) for item in placed)
    return encode(ranges, len(document.tokens), Scheme.IOB2)


def _both_tags(documents: Sequence[Document], predicted: Iterable[Sequence[Span]]) -> tuple:
    both = zip(documents, predicted, strict=True)
    found = [spans_to_tags(document, spans) for document, spans in both]
    return [spans_to_tags(document, document.spans) for document in documents], found


def token_accuracy(documents: Sequence[Document], predicted: Iterable[Sequence[Span]]) -> float:
    """Return only the share of tokens with the right tag; what an epoch's metric shows."""
    return score_tokens(*_both_tags(documents, predicted))["accuracy"]


def score_tokens(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> dict:
    """Return the token-level table over all tags, ``O`` included, and the token accuracy."""
    together: Counter = Counter()
    for left, right in zip(gold, predicted, strict=True):
        together.update(zip(left, right, strict=True))
    correct: Counter[str] = Counter()
    support: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for (left, right), count in together.items():
        support[left] += count
        found[right] += count
        correct[left] += count if left == right else 0
    table = _tabulate(sorted(support | found), correct, found, support, f1_of_counts)
    total = sum(support.values())
    return {"accuracy": sum(correct.values()) / total if total else 0.0, **table}


# --- the shared arithmetic ----------------------------------------------------------------


def _tabulate(
    labels: list[str], correct: Mapping, predicted: Mapping, support: Mapping, f1: Callable
) -> dict:
    hits, found, there = (
        np.array([counts[label] for label in labels], dtype=np.float64)
        for counts in (correct, predicted, support)
    )
    precision, recall = divide(hits, found), divide(hits, there)
    columns = precision, recall, f1(hits, found, there)
    total = np.array([hits.sum()]), np.array([found.sum()]), np.array([there.sum()])
    whole = divide(total[0], total[1]), divide(total[0], total[2]), f1(*total)
    sums = int(there.sum()), int(found.sum())
    rows = {
        label: _row([column[i] for column in columns], int(there[i]), int(found[i]))
        for i, label in enumerate(labels)
    }
    return {
        "micro": _row([column[0] for column in whole], *sums),
        "macro": _row([_average(column) for column in columns], *sums),
        "weighted": _row([_average(column, there) for column in columns], *sums),
        "labels": rows,
    }


def _row(figures: Sequence[float], support: int, predicted: int) -> dict:
    precision, recall, f1 = (float(figure) for figure in figures)
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "support": support,
        "predicted": predicted,
    }


def _average(column: np.ndarray, weights: np.ndarray | None = None) -> float:
    if not len(column) or (weights is not None and not weights.sum()):
        return 0.0
    return np.average(column, weights=weights)


# --- tables for the terminal --------------------------------------------------------------


def format_token_report(token: dict, digits: int = 3) -> str:
    """Lay out the token table as scikit-learn's classification_report does.

    Without the accuracy, as there where a class, here O, has no row.
    """
    return as_text({name: part for name, part in token.items() if name != "accuracy"}, digits)


def format_entity_report(entity: dict, digits: int = 3) -> str:
    """Lay out the entity table in the same layout."""
    return as_text(entity, digits)
