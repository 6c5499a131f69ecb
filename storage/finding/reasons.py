"""Why a document stands where it does in its queue, in a sentence."""

from __future__ import annotations

from storage.finding.queues import Queue, Standpoint
from storage.finding.selection import Kind, Measure


def why(queue: Queue, document: int, looked: bool = True) -> str:
    """Return why this document is in the queue, and why here.

    ``looked`` says whether a model has looked at it: only then does its silence mean something.
    """
    stands = queue.standpoint(document)
    if stands is None:
        return "Opened by itself: it is not in this queue."
    reason = _reason(queue, stands, looked and queue.run is not None)
    return f"From the mix: {reason[:1].lower()}{reason[1:]}" if _mixed(queue) else reason


def _mixed(queue: Queue) -> bool:
    return queue.choice.kind == Kind.MIX


def _reason(queue: Queue, stands: Standpoint, looked: bool) -> str:
    choice, value, run = stands.choice, stands.value, f"run {queue.run}"
    match choice.kind:
        case Kind.TODO:
            return "The next in order that was not done."
        case Kind.ALL:
            return "In the order of import."
        case Kind.RANDOM:
            return f"Drawn at random: {_nth(stands.rank)} of {stands.total:,}, seed {choice.seed}."
        case Kind.SEARCH:
            return f"Found by the search: {choice.search.words}."
        case Kind.CELL:
            return f"From the report: {choice.part.title}."
        case Kind.UNCERTAIN:
            assert value is not None, "documents without a score are not in this queue"
            return f"{_most('uncertain', stands)}: {_doubt(choice.measure, value)}; {run}."
        case Kind.NOVEL:
            return (
                f"{_most('different from what is labelled', stands)}: distance {value:.2f}; {run}."
            )
        case Kind.DISAGREES:
            return _disagreement(stands, run)
    return _label(stands, run, looked)


def _disagreement(stands: Standpoint, run: str) -> str:
    if stands.value is None:
        return f"The model does not see a span that is here; {run}."
    rank = f"{_ranked('surest', stands.rank)} of {stands.total:,}"
    return f"The model suggests something else at {stands.value:.0%}: the {rank}; {run}."


def _label(stands: Standpoint, run: str, looked: bool) -> str:
    label = stands.choice.label
    if stands.value is None:
        silent = "the model does not suggest it here" if looked else "no model has looked at it yet"
        return f"Has {label}; {silent}."
    rank = f"{_ranked('least sure', stands.rank)} of {stands.total:,}"
    return f"Suggested {label} at {stands.value:.0%}: the {rank}; {run}."


def _doubt(measure: Measure, value: float) -> str:
    match measure:
        case Measure.ENTROPY:
            return f"mean token entropy {value:.2f} nats"
        case Measure.CONFIDENCE:
            return f"its least sure token has {1 - value:.0%} for the best label"
    return f"a token whose two best labels are only {100 * value:.1f} points apart"


def _most(what: str, stands: Standpoint) -> str:
    first = "Most" if stands.rank == 1 else f"{_nth(stands.rank)} most"
    return f"{first} {what} of {stands.total:,}"


def _ranked(what: str, rank: int) -> str:
    return what if rank == 1 else f"{_nth(rank)} {what}"


def _nth(rank: int) -> str:
    teen = rank % 100 in (11, 12, 13)
    return f"{rank:,}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(rank % 10, 'th')}"
