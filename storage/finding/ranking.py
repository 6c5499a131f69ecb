"""Rankings: the documents of a rule in its order, with what it measured; a mix of such rules."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from storage.finding import facets, review_list, search
from storage.finding.review import disagreements
from storage.finding.review.findings import Finding
from storage.finding.selection import Measure, Order, Selection
from storage.finding.sets import bit_sets
from storage.finding.sets.memberships import Facet
from storage.runs import compared, reports
from storage.serving import kept
from storage.types import Split

# A mix takes from its three rules in this order, over and over: half of it uncertain
# documents, a quarter new ones, a quarter at random, so that the model is asked where it
# doubts, shown what it has not seen, and kept from seeing only what it doubts.
MIX = (Order.UNCERTAIN, Order.NOVEL, Order.UNCERTAIN, Order.RANDOM)
# Of a document that nobody measured.
NOTHING = float("nan")


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


def shuffled(ids: Iterable[int], seed: int) -> list[int]:
    """Return ids in an order that a seed decides.

    Each by itself: the others keep their order when some are finished and leave.
    """

    def draw(id: int) -> bytes:
        return blake2b(b"%d %d" % (seed, id), digest_size=8).digest()

    return sorted(ids, key=draw)


def of(db: Database, project_id: int, selection: Selection) -> Ranking:
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
        case Order.PRODUCTION:
            return _from_production(db, project_id, selection)
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


def _from_production(db: Database, project_id: int, selection: Selection) -> Ranking:
    """Return what a served model was asked and whoever acts has to do, each with why it is here."""
    brought = kept.brought(db, project_id)
    to_do = facets.index(db, project_id).to_do_by(settings.annotator(db))
    left = set(bit_sets.members(to_do & bit_sets.of(each.document for each in brought)))
    found = [each for each in brought if each.document in left]
    return Ranking(
        selection,
        array("q", [each.document for each in found]),
        array("d", [each.doubt for each in found]),
        reasons=["unlike what the model learned from" if each.unlike else "" for each in found],
    )


def _to_do(db: Database, project_id: int) -> array:
    return bit_sets.members(facets.index(db, project_id).to_do_by(settings.annotator(db)))


def _of_use(
    db: Database, project_id: int, found: list[tuple[int, float | None]]
) -> list[tuple[int, float | None]]:
    """Keep what is to do for whoever acts, without dev and test: they must stay a fair sample."""
    known = facets.index(db, project_id)
    train = known.having(Facet.SPLIT, None) | known.having(Facet.SPLIT, Split.TRAIN)
    kept = set(bit_sets.members(known.to_do_by(settings.annotator(db)) & train))
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


def mix(db: Database, project_id: int, selection: Selection) -> tuple[array, tuple[Ranking, ...]]:
    """Return the documents of a mix, and what was taken of each of its rules."""
    parts = {kind: of(db, project_id, replace(selection, kind=kind)) for kind in set(MIX)}
    return _interleave(parts)


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
