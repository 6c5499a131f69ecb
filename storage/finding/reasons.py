"""Why a document stands where it does in its queue, in a sentence."""

from __future__ import annotations

from storage.finding.queues import Queue
from storage.finding.ranking import Placement
from storage.finding.selection import Measure, Order


def why(queue: Queue, document: int, looked: bool = True) -> str:
    """Return why this document is in the queue, and why here.

    ``looked`` says whether a model has looked at it: only then does its silence mean something.
    """
    placed = queue.placement(document)
    if placed is None:
        return "Opened by itself: it is not in this queue."
    reason = _reason(queue, placed, looked and queue.run is not None)
    return f"From the mix: {reason[:1].lower()}{reason[1:]}" if _mixed(queue) else reason


def _mixed(queue: Queue) -> bool:
    return queue.selection.kind == Order.MIX


def _reason(queue: Queue, placed: Placement, looked: bool) -> str:
    selection, value, run = placed.selection, placed.value, f"run {queue.run}"
    match selection.kind:
        case Order.TODO:
            return "The next in order that was not done."
        case Order.ALL:
            return "In the order of import."
        case Order.RANDOM:
            return (
                f"Drawn at random: {_nth(placed.rank)} of {placed.total:,}, seed {selection.seed}."
            )
        case Order.SEARCH:
            return f"Found by the search: {selection.search.words}."
        case Order.CELL:
            return f"From the report: {selection.part.title}."
        case Order.COMPARED:
            return f"From the comparison of two runs: {selection.outcome.title}."
        case Order.UNCERTAIN:
            assert value is not None, "documents without a score are not in this queue"
            return f"{_most('uncertain', placed)}: {_doubt(selection.measure, value)}; {run}."
        case Order.NOVEL:
            return (
                f"{_most('different from what is labelled', placed)}: distance {value:.2f}; {run}."
            )
        case Order.PRODUCTION:
            return _asked(placed)
        case Order.REVIEW | Order.FOCUS | Order.MINE:
            return placed.reason
        case Order.GIVEN:
            return placed.reason or f"From the queue {queue.title}."
        case Order.DISAGREES:
            return _disagreement(placed, run)
    return _label(placed, run, looked)


def _asked(placed: Placement) -> str:
    assert placed.value is not None, "what was asked has a doubt"
    sure = f"its least sure answer had {1 - placed.value:.0%}"
    parts = [f"From production, {_most('doubtful', placed).lower()}: {sure}", placed.reason]
    return f"{'; '.join(filter(None, parts))}."


def _disagreement(placed: Placement, run: str) -> str:
    if placed.value is None:
        return f"The model does not see a span that is here; {run}."
    rank = f"{_ranked('surest', placed.rank)} of {placed.total:,}"
    return f"The model suggests something else at {placed.value:.0%}: the {rank}; {run}."


def _label(placed: Placement, run: str, looked: bool) -> str:
    label = placed.selection.label
    if placed.value is None:
        silent = "the model does not suggest it here" if looked else "no model has looked at it yet"
        return f"Has {label}; {silent}."
    rank = f"{_ranked('least sure', placed.rank)} of {placed.total:,}"
    return f"Suggested {label} at {placed.value:.0%}: the {rank}; {run}."


def _doubt(measure: Measure, value: float) -> str:
    match measure:
        case Measure.ENTROPY:
            return f"mean token entropy {value:.2f} nats"
        case Measure.CONFIDENCE:
            return f"its least sure token has {1 - value:.0%} for the best label"
    return f"a token whose two best labels are only {100 * value:.1f} points apart"


def _most(what: str, placed: Placement) -> str:
    first = "Most" if placed.rank == 1 else f"{_nth(placed.rank)} most"
    return f"{first} {what} of {placed.total:,}"


def _ranked(what: str, rank: int) -> str:
    return what if rank == 1 else f"{_nth(rank)} {what}"


def _nth(rank: int) -> str:
    teen = rank % 100 in (11, 12, 13)
    return f"{rank:,}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(rank % 10, 'th')}"
