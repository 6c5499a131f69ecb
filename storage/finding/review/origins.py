"""Who says that a place is worth a look: a report, suspects, suggestions, a model's doubt.

How likely a label is wrong where a model says something else follows from how sure the model is
and from how often labels are wrong at all: 5 in 100 of CoNLL 2003's, checked by hand (Wang et al.
2019, "CrossWeigh"). A suspect has been weighed already; a model's doubt is taken as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from storage.corpus import reading
from storage.engines.queries import chunks
from storage.engines.schema import (
    DocumentRow,
    DocumentScoreRow,
    MatchRow,
    RunRow,
    SuggestionRow,
    SuspectRow,
)
from storage.engines.schema.runs import EXACT
from storage.finding.review import disagreements
from storage.finding.review.findings import Asked, Finding, Origin
from storage.finding.sets import bit_sets, scores
from storage.runs.suspects import in_order, stands
from storage.types import Document, Source, Span

# Of each origin so many are looked at, the surest first: nobody reads more in a day.
MOST = 300
WRONG_LABELS = 0.05


def errors(asked: Asked) -> Iterator[Finding]:
    """Yield what the newest report counts as wrong, the surest of the model first."""
    run = asked.newest(exists().where(MatchRow.run_id == RunRow.id))
    if run is None:
        return
    where = f"{asked.title(run)}'s report"
    for row in _wrong(asked, run):
        given = _span(row.gold_start, row.gold_end, row.gold_label)
        said = _span(row.predicted_start, row.predicted_end, row.predicted_label)
        reason = _against(f"In {where}", given, said, row.predicted_score)
        chance = likely_wrong(row.predicted_score)
        yield Finding(row.document_id, given, said, (Origin.ERROR,), (reason,), chance)


def _wrong(asked: Asked, run: int) -> Iterator[MatchRow]:
    """Yield MOST of what a report counts as wrong: those with a score first, the highest first."""
    own = MatchRow.run_id == run, MatchRow.kind != EXACT, *asked.only(MatchRow.document_id)
    score, left = MatchRow.predicted_score, MOST
    # One after the other, for each of them has an order in which an index lies.
    for which in (score.is_not(None), score.is_(None)):
        query = select(MatchRow).where(*own, which).order_by(score.desc(), MatchRow.id)
        found = asked.session.scalars(query.limit(left)).all()
        left -= len(found)
        yield from found


def suspects(asked: Asked) -> Iterator[Finding]:
    """Yield what models that never saw it doubt, in the order of doubt."""
    run = asked.newest(exists().where(SuspectRow.run_id == RunRow.id))
    where = SuspectRow.run_id == run, stands(), *asked.only(SuspectRow.document_id)
    query = select(SuspectRow).where(*where).order_by(*in_order())
    for row in asked.session.scalars(query.limit(MOST)):
        given = _span(row.given_start, row.given_end, row.given_label)
        other = _span(row.suggested_start, row.suggested_end, row.suggested_label)
        reason = row.reason[:1].upper() + row.reason[1:]
        yield Finding(row.document_id, given, other, (Origin.SUSPECT,), (reason,), row.score)


def disagreeing(asked: Asked) -> Iterator[Finding]:
    """Yield where a finished document and the newest model's suggestions differ."""
    surest = asked.known.disagreeing[:MOST]
    suggested = _suggestions(asked.session, surest)
    for document in _documents(asked.session, surest):
        assert document.id is not None
        for given, said in _pairs(document.spans, suggested.get(document.id, ())):
            score = said.score if said else None
            reason = _against("The newest model disagrees", given, said, score)
            chance = likely_wrong(score)
            yield Finding(document.id, given, said, (Origin.DISAGREEMENT,), (reason,), chance)


def doubts(asked: Asked) -> Iterator[Finding]:
    """Yield documents of train that are to do and that the newest model doubts most."""
    rows = list(islice(_doubted(asked), MOST))
    suggested = _suggestions(asked.session, [id for id, _ in rows])
    for id, doubt in rows:
        reason = f"Not labelled yet, and of a word the model's best guess has only {1 - doubt:.2f}"
        least = min(suggested.get(id, ()), key=lambda span: (span.score or 0.0, span), default=None)
        yield Finding(id, None, least, (Origin.DOUBT,), (reason,), doubt)


def _doubted(asked: Asked) -> Iterator[tuple[int, float]]:
    """Yield the documents that are to do with the newest model's doubt, the greatest first."""
    score, only = DocumentScoreRow.confidence, asked.only(DocumentScoreRow.document_id)
    wanted = bit_sets.flags(asked.known.to_do)
    for id, doubt in scores.in_order(asked.session, asked.project, score, score > 0, *only):
        if id < len(wanted) and wanted[id]:
            yield id, doubt


def likely_wrong(score: float | None) -> float:
    """Return how likely a label is wrong where a model says something else, so surely."""
    sure = 0.5 if score is None else min(max(score, 0.0), 0.999)
    against, for_it = sure * WRONG_LABELS, (1 - sure) * (1 - WRONG_LABELS)
    return against / (against + for_it)


def _against(where: str, given: Span | None, said: Span | None, score: float | None) -> str:
    """Say what people say and what a model says in its place."""
    mine = f"you said {given.label}" if given else "nothing is labelled"
    sure = "" if score is None else f" at {score:.2f}"
    if given and said and given.label == said.label:
        return f"{where}: {given.label} with other borders{sure}"
    return f"{where}: {mine}, the model says {said.label if said else 'nothing'}{sure}"


def _pairs(
    given: Iterable[Span], said: Iterable[Span]
) -> Iterator[tuple[Span | None, Span | None]]:
    """Yield what only one side has, with what the other has in its place."""
    given, said = set(given), set(said)
    mine, theirs = sorted(given - said), sorted(said - given)
    for span in mine:
        other = next((each for each in theirs if _meet(span, each)), None)
        if other:
            theirs.remove(other)
        yield span, other
    yield from ((None, each) for each in theirs)


def _documents(session: Session, ids: Collection[int]) -> Iterator[Document]:
    for chunk in chunks(ids):
        rows = session.scalars(select(DocumentRow).where(DocumentRow.id.in_(chunk)))
        yield from reading.documents(session, list(rows))


def _suggestions(session: Session, ids: Collection[int]) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = {}
    for chunk in chunks(ids):
        query = select(SuggestionRow).where(
            SuggestionRow.document_id.in_(chunk), disagreements.said()
        )
        for row in session.scalars(query.order_by(SuggestionRow.id)):
            span = Span(row.start, row.end, row.label, source=Source.MODEL, score=row.score)
            found.setdefault(row.document_id, []).append(span)
    return found


def _span(start: int | None, end: int | None, label: str | None) -> Span | None:
    return None if label is None else Span(start or 0, end or 0, label)


def _meet(one: Span, other: Span) -> bool:
    if one.whole or other.whole:
        return one.whole and other.whole
    return one.start < other.end and other.start < one.end
