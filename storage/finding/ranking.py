"""Rankings: the documents of a rule in its order, with what it measured; a mix of such rules."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import islice
from math import isnan

from sqlalchemy import Select, func, select

from storage.corpus import labels
from storage.database import settings
from storage.database.connection import Database
from storage.engines.schema import (
    AnnotationRow,
    DocumentRow,
    DocumentScoreRow,
    SuggestionRow,
)
from storage.finding import facets, review_list, search
from storage.finding.review import disagreements
from storage.finding.review.findings import Finding
from storage.finding.selection import Measure, Order, Selection
from storage.finding.sets import bit_sets, scores
from storage.finding.sets.memberships import Facet
from storage.runs import compared, reports
from storage.serving import kept
from storage.types import Split

# A mix takes from its three rules in this order, over and over: half of it uncertain
# documents, a quarter new ones, a quarter at random, so that the model is asked where it
# doubts, shown what it has not seen, and kept from seeing only what it doubts.
MIX = (Order.UNCERTAIN, Order.NOVEL, Order.UNCERTAIN, Order.RANDOM)
# Of what a model measured so many come into a queue: nobody walks through more before the next one.
LONGEST = 10_000
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
        case Order.UNCERTAIN:
            return _by_score(db, project_id, selection, selection.measure)
        case Order.NOVEL:
            return _by_score(db, project_id, selection, "novelty")
    if selection.kind is Order.DISAGREES:
        found = facets.disagreeing(db, project_id).surest()
    else:
        with db.read() as session:
            found = list(map(tuple, session.execute(_suggested(project_id, selection.label))))
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


def _by_score(db: Database, project_id: int, selection: Selection, name: str) -> Ranking:
    """Return the LONGEST of what is to do for whoever acts that a model measured most of.

    Without dev and test: they must stay a fair sample.
    """
    known = facets.index(db, project_id)
    train = known.having(Facet.SPLIT, None) | known.having(Facet.SPLIT, Split.TRAIN)
    to_do = known.to_do_by(settings.annotator(db)) & train
    of_use, column = bit_sets.flags(to_do), getattr(DocumentScoreRow, name)
    with db.read() as session:
        measured = scores.in_order(session, project_id, column, least_first=name == Measure.MARGIN)
        wanted = ((id, value) for id, value in measured if id < len(of_use) and of_use[id])
        found = list(islice(wanted, LONGEST))
    ids, values = array("q", [id for id, _ in found]), array("d", [value for _, value in found])
    total = to_do.bit_count() if len(found) == LONGEST else 0
    return Ranking(selection, ids, values, total=total)


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
    total = ranking.total or len(ranking.ids)
    return Ranking(ranking.selection, ids, values, array("q", places), total)
