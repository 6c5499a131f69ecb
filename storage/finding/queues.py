"""Queues: the documents of a selection in their order, each with the reason why it is there.

A queue does not change once it is made: what is finished stays in its place.
"""

from __future__ import annotations

from array import array
from bisect import bisect
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from math import isnan

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storage.corpus import labels
from storage.database import settings
from storage.database.connection import Database
from storage.engines.schema import (
    AnnotationRow,
    DocumentRow,
    DocumentScoreRow,
    RunRow,
    SuggestionRow,
)
from storage.finding import facets, given, review_list, search
from storage.finding.review import disagreements
from storage.finding.review.findings import Finding
from storage.finding.selection import Measure, Order, Selection
from storage.finding.sets import bit_sets
from storage.finding.sets.memberships import Facet
from storage.runs import compared, reports, suggestions
from storage.types import Split

# A mix takes from its three rules in this order, over and over: half of it uncertain
# documents, a quarter new ones, a quarter at random, so that the model is asked where it
# doubts, shown what it has not seen, and kept from seeing only what it doubts.
MIX = (Order.UNCERTAIN, Order.NOVEL, Order.UNCERTAIN, Order.RANDOM)
# Of a document that nobody measured.
NOTHING = float("nan")
_IN_ORDER = (Order.TODO, Order.ALL, Order.SEARCH, Order.CELL, Order.COMPARED, Order.GIVEN)
_MODEL_LED = (Order.UNCERTAIN, Order.NOVEL, Order.DISAGREES, Order.MIX)


@dataclass(frozen=True, slots=True)
class Placement:
    """Why a document is in a queue: the rule, its 1-based rank by it, and what was measured."""

    selection: Selection
    rank: int
    total: int
    value: float | None
    reason: str = ""
    """Where the rule says it by itself."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Documents in the order of a rule, each with what the rule measured.

    Where a mix took only some of them, ``places`` says which they were of all ``total``.
    """

    selection: Selection
    ids: Sequence[int]
    values: Sequence[float] = ()
    places: Sequence[int] = ()
    total: int = 0
    reasons: Sequence[str] = ()

    def placement(self, at: int) -> Placement:
        """Return why the document at a place of ``ids`` is here."""
        value = self.values[at] if self.values else NOTHING
        rank = self.places[at] if self.places else at
        total = self.total or len(self.ids)
        reason = self.reasons[at] if self.reasons else ""
        return Placement(self.selection, rank + 1, total, None if isnan(value) else value, reason)


@dataclass(frozen=True, slots=True)
class Queue:
    """Documents to walk through. ``run`` is the training run whose model ordered them.

    ``name`` is what somebody called it; what nobody named has its selection's title.
    """

    selection: Selection
    ids: Sequence[int]
    rankings: tuple[Ranking, ...] = ()
    run: int | None = None
    when_empty: str = ""
    name: str = ""

    @property
    def title(self) -> str:
        return self.name or self.selection.title

    def position(self, document: int) -> int:
        """Return the document's place, 0-based."""
        return self.ids.index(document)

    def with_guest(self, document: int, behind: int | None) -> Queue:
        """Return the queue with a document that it lacks: behind another one, else in its order."""
        if behind in self.ids:
            place = self.ids.index(behind) + 1
        else:
            place = bisect(self.ids, document) if self.selection.kind in _IN_ORDER else 0
        ids = array("q", self.ids)
        ids.insert(place, document)
        return replace(self, ids=ids)

    def placement(self, document: int) -> Placement | None:
        """Return why a document is here, None of a guest."""
        for ranking in self.rankings:
            if document in ranking.ids:
                return ranking.placement(ranking.ids.index(document))
        return None


def choose(db: Database, project_id: int, selection: Selection) -> Queue:
    """Return the queue of a selection as it is at this moment."""
    run = suggestions.newest_run(db, project_id)
    if run is None and selection.kind in _MODEL_LED:
        return Queue(selection, array("q"), when_empty=_WITHOUT_MODEL[selection.kind])
    if selection.kind is Order.GIVEN:
        return _given(db, project_id, selection)
    if selection.kind is Order.MINE:
        return _mine(db, project_id, selection)
    ids: Sequence[int]
    if selection.kind == Order.MIX:
        parts = {kind: _ranking(db, project_id, replace(selection, kind=kind)) for kind in set(MIX)}
        ids, rankings = _interleave(parts)
    else:
        rankings = (_ranking(db, project_id, selection),)
        ids = rankings[0].ids
    return Queue(selection, ids, rankings, run, "" if ids else _EMPTY[selection.kind])


def _given(db: Database, project_id: int, selection: Selection) -> Queue:
    found = given.find(db, project_id, selection.given)
    ids = array("q", found.ids)
    ranking = Ranking(selection, ids, reasons=[found.reason] * len(ids))
    return Queue(selection, ids, (ranking,), None, "" if ids else _EMPTY[Order.GIVEN], found.name)


def _mine(db: Database, project_id: int, selection: Selection) -> Queue:
    """Return what is given to whoever acts and is to do."""
    found = given.mine(db, project_id, settings.annotator(db))
    ids = array("q", [id for id, _ in found])
    ranking = Ranking(selection, ids, reasons=[reason for _, reason in found])
    return Queue(selection, ids, (ranking,), None, "" if ids else _EMPTY[Order.MINE])


def left(db: Database, project_id: int, queue: Queue) -> int:
    """Return the set of a queue's documents that are to do, in one's own queue by oneself."""
    if queue.selection.kind is not Order.MINE:
        return still_open(db, project_id, queue.ids)
    mine = bit_sets.of(_mine(db, project_id, queue.selection).ids)
    return mine & bit_sets.of(queue.ids)


def still_open(db: Database, project_id: int, ids: Collection[int] | None = None) -> int:
    """Return the set of these documents, or of all, that are to do: neither done nor skipped."""
    known = facets.index(db, project_id).to_do
    return known if ids is None else known & bit_sets.of(ids)


def shuffled(ids: Iterable[int], seed: int) -> list[int]:
    """Return ids in an order that a seed decides.

    Each by itself: the others keep their order when some are finished and leave.
    """

    def draw(id: int) -> bytes:
        return blake2b(b"%d %d" % (seed, id), digest_size=8).digest()

    return sorted(ids, key=draw)


def _ranking(db: Database, project_id: int, selection: Selection) -> Ranking:
    """Return the documents of any selection but a mix."""
    match selection.kind:
        case Order.TODO:
            return Ranking(selection, _to_do(db, project_id))
        case Order.RANDOM:
            return Ranking(selection, array("q", shuffled(_to_do(db, project_id), selection.seed)))
        case Order.SEARCH:
            return Ranking(selection, search.ids(db, project_id, selection.search))
        case Order.CELL:
            return Ranking(selection, reports.cell_documents(db, selection.part))
        case Order.COMPARED:
            return Ranking(selection, compared.documents(db, selection.outcome))
        case Order.ALL:
            return Ranking(selection, search.ids(db, project_id))
        case Order.REVIEW:
            return _worth_most(selection, review_list.find(db, project_id))
        case Order.FOCUS:
            return _worth_most(selection, review_list.about(db, project_id, selection.part))
    if selection.kind is Order.DISAGREES:
        found = facets.disagreeing(db, project_id).surest()
    else:
        with db.read() as session:
            found = list(_measured(session, project_id, selection))
    if selection.kind in (Order.UNCERTAIN, Order.NOVEL):
        found = _of_use(db, project_id, found)
    elif selection.kind is Order.LABEL:
        found = _with_given(db, project_id, selection.label, found)
    return Ranking(
        selection,
        array("q", [id for id, _ in found]),
        array("d", [NOTHING if value is None else value for _, value in found]),
    )


def _worth_most(selection: Selection, found: Iterable[Finding]) -> Ranking:
    """Return the documents that are worth a look, each at the place of the first that is in it."""
    best: dict[int, Finding] = {}
    for each in found:
        best.setdefault(each.document, each)
    gains = array("d", [each.gain for each in best.values()])
    return Ranking(
        selection, array("q", best), gains, reasons=[each.reason for each in best.values()]
    )


def _to_do(db: Database, project_id: int) -> array:
    return bit_sets.members(facets.index(db, project_id).to_do)


def _of_use(
    db: Database, project_id: int, found: list[tuple[int, float | None]]
) -> list[tuple[int, float | None]]:
    """Keep what is to do; dev and test are left out, because they must stay a fair sample."""
    known = facets.index(db, project_id)
    train = known.having(Facet.SPLIT, None) | known.having(Facet.SPLIT, Split.TRAIN)
    kept = set(bit_sets.members(known.to_do & train))
    return [item for item in found if item[0] in kept]


def _measured(
    session: Session, project_id: int, selection: Selection
) -> Iterator[tuple[int, float | None]]:
    match selection.kind:
        case Order.UNCERTAIN:
            yield from session.execute(_by_score(project_id, selection.measure))
        case Order.NOVEL:
            yield from session.execute(_by_score(project_id, "novelty"))
        case Order.LABEL:
            yield from session.execute(_suggested(project_id, selection.label))


def _by_score(project_id: int, name: str) -> Select:
    column = getattr(DocumentScoreRow, name)
    runs = select(RunRow.id).where(RunRow.project_id == project_id)
    order = column if name == Measure.MARGIN else column.desc()
    return (
        select(DocumentScoreRow.document_id, column)
        .where(DocumentScoreRow.run_id.in_(runs), column.is_not(None))
        .order_by(order, DocumentScoreRow.document_id)
    )


def _suggested(project_id: int, label: str) -> Select:
    """Select documents where the model suggests a label, by the score of its least sure span."""
    current = (AnnotationRow.document_id == DocumentRow.id) & AnnotationRow.is_current
    least = func.min(SuggestionRow.score)
    return (
        select(SuggestionRow.document_id, least)
        .join(DocumentRow, DocumentRow.id == SuggestionRow.document_id)
        .outerjoin(AnnotationRow, current)
        .where(DocumentRow.project_id == project_id, SuggestionRow.label == label)
        .where(disagreements.said(), disagreements.unrejected())
        .group_by(SuggestionRow.document_id)
        .order_by(least, SuggestionRow.document_id)
    )


def _with_given(
    db: Database, project_id: int, label: str, found: list[tuple[int, float | None]]
) -> list[tuple[int, float | None]]:
    """Put the documents in which people gave a label behind those in which it is suggested."""
    index, suggested = facets.index(db, project_id), {id for id, _ in found}
    with db.read() as session:
        named = [id for id, name in labels.names(session, project_id).items() if name == label]
    given = (id for each in named for id in bit_sets.members(index.having(Facet.LABEL, each)))
    return [*found, *((id, None) for id in given if id not in suggested)]


def _interleave(parts: Mapping[Order, Ranking]) -> tuple[array, tuple[Ranking, ...]]:
    """Take from one ranking after the other, each document once, until all are empty.

    The rankings come back with what was taken from them: each document has one reason.
    """
    order: dict[int, None] = {}
    ahead = {kind: iter(range(len(ranking.ids))) for kind, ranking in parts.items()}
    taken: dict[Order, list[int]] = {kind: [] for kind in parts}
    total = -1
    while len(order) > total:
        total = len(order)
        for kind in MIX:
            ids = parts[kind].ids
            place = next((place for place in ahead[kind] if ids[place] not in order), None)
            if place is not None:
                order[ids[place]] = None
                taken[kind].append(place)
    return array("q", order), tuple(_part(parts[kind], taken[kind]) for kind in parts)


def _part(ranking: Ranking, places: list[int]) -> Ranking:
    ids = array("q", [ranking.ids[place] for place in places])
    values = array("d", [ranking.values[place] for place in places] if ranking.values else [])
    return Ranking(ranking.selection, ids, values, array("q", places), len(ranking.ids))


_WITHOUT_MODEL = {
    Order.UNCERTAIN: "Train a model first, then the documents it is least sure of come first here.",
    Order.NOVEL: "Train a model first, then the documents least like the labelled ones come first.",
    Order.DISAGREES: "Train a model first, then the documents where it disagrees come here.",
    Order.MIX: "Train a model first, then this mixes what it doubts, what is new and chance.",
}
_NOTHING_TO_DO = "Everything is done: look at all documents instead."
_ALL_SEEN = "The model has looked at nothing that is still to do: train again, or choose another."
_EMPTY = {
    Order.TODO: _NOTHING_TO_DO,
    Order.RANDOM: _NOTHING_TO_DO,
    Order.MIX: _NOTHING_TO_DO,
    Order.UNCERTAIN: _ALL_SEEN,
    Order.NOVEL: _ALL_SEEN,
    Order.ALL: "There are no documents yet: import some.",
    Order.LABEL: "No document has this label, and the model suggests it nowhere: choose another.",
    Order.REVIEW: "No model doubts, errs or disagrees here: train one, or take another queue.",
    Order.DISAGREES: "The model agrees with every finished document: take another queue.",
    Order.SEARCH: "No document matches: change the search.",
    Order.CELL: "This cell of the report has no documents: take another queue.",
    Order.FOCUS: "Nothing is left of this confusion: take another queue.",
    Order.COMPARED: "No document has such a mark: take another queue.",
    Order.MINE: "All of yours is done, and nothing is left to give: take another queue.",
    Order.GIVEN: "This queue has no documents any more: take another one.",
}
