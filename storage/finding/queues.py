"""Queues: the documents of a selection in their order, each with the reason why it is there.

A queue does not change once it is made: what is finished stays in its place.
"""

from __future__ import annotations

from array import array
from bisect import bisect
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from storage.database import settings
from storage.database.connection import Database
from storage.finding import facets, given, ranking
from storage.finding.ranking import Placement, Ranking
from storage.finding.selection import Order, Selection
from storage.finding.sets import bit_sets
from storage.runs import runs, suggestions

_IN_ORDER = (Order.TODO, Order.ALL, Order.SEARCH, Order.CELL, Order.COMPARED, Order.GIVEN)
_MODEL_LED = (Order.UNCERTAIN, Order.NOVEL, Order.DISAGREES, Order.MIX)


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

    def with_more(self, more: Queue) -> Queue:
        """Return the queue with those of another that it lacks behind its own, which stay."""
        own = set(self.ids)
        ids = array("q", [*self.ids, *(id for id in more.ids if id not in own)])
        return replace(self, ids=ids, rankings=(*self.rankings, *more.rankings))

    def placement(self, document: int) -> Placement | None:
        """Return why a document is here, None of a guest."""
        for each in self.rankings:
            if document in each.ids:
                return each.placement(each.ids.index(document))
        return None


def choose(db: Database, project_id: int, selection: Selection) -> Queue:
    """Return the queue of a selection as it is at this moment."""
    run = suggestions.newest_run(db, project_id)
    if run is None and selection.kind in _MODEL_LED:
        return Queue(selection, array("q"), when_empty=_WITHOUT_MODEL[selection.kind])
    if selection.runs and not selection.runs <= runs.states(db, project_id).keys():
        # Of another project: an address can say anything.
        return Queue(selection, array("q"), when_empty=_EMPTY[selection.kind])
    if selection.kind is Order.GIVEN:
        return _given(db, project_id, selection)
    if selection.kind is Order.MINE:
        return _mine(db, project_id, selection)
    ids: Sequence[int]
    if selection.kind == Order.MIX:
        ids, rankings = ranking.mix(db, project_id, selection)
    else:
        rankings = (ranking.of(db, project_id, selection),)
        ids = rankings[0].ids
    return Queue(
        selection, ids, rankings, run, "" if ids else _why_empty(db, project_id, selection)
    )


def _why_empty(db: Database, project_id: int, selection: Selection) -> str:
    """Say it: what is to do may be so for others only, who has finished it themselves."""
    others = facets.index(db, project_id).to_do.bit_count()
    if selection.kind in (Order.TODO, Order.RANDOM) and others:
        waits = "waits for others" if others == 1 else "wait for others"
        return (
            f"You have finished all that is to do: {others:,} {waits}, or for a decision. Look at "
            "all documents instead."
        )
    return _EMPTY[selection.kind]


def _given(db: Database, project_id: int, selection: Selection) -> Queue:
    found = given.find(db, project_id, selection.given)
    ids = array("q", found.ids)
    made = Ranking(selection, ids, reasons=[found.reason] * len(ids))
    return Queue(selection, ids, (made,), None, "" if ids else _EMPTY[Order.GIVEN], found.name)


def _mine(db: Database, project_id: int, selection: Selection) -> Queue:
    """Return what is given to whoever acts and is to do."""
    found = given.mine(db, project_id, settings.annotator(db))
    ids = array("q", [id for id, _ in found])
    made = Ranking(selection, ids, reasons=[reason for _, reason in found])
    return Queue(selection, ids, (made,), None, "" if ids else _EMPTY[Order.MINE])


def left(db: Database, project_id: int, queue: Queue) -> int:
    """Return the set of a queue's documents that are to do, in one's own queue by oneself."""
    if queue.selection.kind is not Order.MINE:
        return still_open(db, project_id, queue.ids)
    mine = bit_sets.of(_mine(db, project_id, queue.selection).ids)
    return mine & bit_sets.of(queue.ids)


def still_open(db: Database, project_id: int, ids: Collection[int] | None = None) -> int:
    """Return the set of these documents, or of all, that are to do for whoever acts."""
    known = facets.index(db, project_id).to_do_by(settings.annotator(db))
    return known if ids is None else known & bit_sets.of(ids)


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
    Order.PRODUCTION: "Nothing that came from production is to do.",
    Order.SEARCH: "No document matches: change the search.",
    Order.CELL: "This cell of the report has no documents: take another queue.",
    Order.FOCUS: "Nothing is left of this confusion: take another queue.",
    Order.COMPARED: "No document has such a mark: take another queue.",
    Order.MINE: "All of yours is done, and nothing is left to give: take another queue.",
    Order.GIVEN: "This queue has no documents any more: take another one.",
}
