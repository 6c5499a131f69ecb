"""One answer for many documents: those nearly the same as one, or those that a model is sure of.

What would be done is counted first; doing it is one step, which undo takes back whole.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from starlette.routing import Route

from engine.corpus.near_duplicates import Index, Likeness
from pages.routes.bodies import MALFORMED, Rejection
from pages.routes.gate import Answer, Call, is_id, route
from storage.actions import actions
from storage.corpus import documents
from storage.database.connection import Database
from storage.database.store import database
from storage.errors import RefusedError
from storage.finding import occurrences
from storage.journal import annotations
from storage.journal.state import State
from storage.runs import suggestions, sure
from storage.runs.sure import Record
from storage.types import Source, Span, Status

# Beyond these a list is no longer read.
LISTED = 1_000
QUOTED = 60
# Of more documents only equal ones are offered here: what compares them all takes too much memory.
# The Data page finds the others (``engine.corpus.duplicates``).
MOST = 50_000
SHOWN = 600


def routes() -> list[Route]:
    return [
        *(route("alike", _alike), route("answer-alike", _answer_alike)),
        *(route("sure", _sure), route("answer-sure", _answer_sure)),
    ]


def _alike(call: Call) -> Answer:
    """Tell which open documents are nearly the same as one, and how many are the same."""
    found = _open_alike(call)
    body: dict[str, Any] = {
        "documents": len(found),
        "same": sum(like.share == 1 for like, _ in found),
        "hits": [],
    }
    if call.fields.get("list") is True:
        body["hits"] = [_shown(*each) for each in found[:LISTED]]
    return 200, body


def _shown(like: Likeness, found: occurrences.Candidate) -> dict[str, Any]:
    return {
        "document": found.id,
        "name": found.name,
        "share": like.share,
        "text": found.text[:SHOWN],
    }


def _open_alike(call: Call) -> list[tuple[Likeness, occurrences.Candidate]]:
    """Return the documents that are still to do and alike, the most alike first."""
    likes = _likes(database(), call.project, call.document())
    works = occurrences.works(database(), call.project, call.annotator, [each.id for each in likes])
    known = {each.id: each for each in works if each.state.status in sure.OPEN}
    return [(like, known[like.id]) for like in likes if like.id in known]


def _likes(db: Database, project: int, document: int) -> list[Likeness]:
    if documents.count_documents(db, project) > MOST:
        return [Likeness(id, 1.0) for id in occurrences.same_texts(db, project, document)]
    return _index(db, project).like(document)


_INDEXES: dict[tuple[str, int], tuple[tuple[int, int], Index]] = {}


def _index(db: Database, project: int) -> Index:
    """Return a project's texts as they are compared: read once, and when documents come or go."""
    _, *stamp = annotations.stamp(db, project)
    key, known = (str(db.url), project), _INDEXES.get((str(db.url), project))
    if known is None or known[0] != tuple(stamp):
        texts = occurrences.whole_texts(db, project)
        index = Index.of((id, f"{text}\n{second or ''}") for id, text, second in texts)
        # One project is worked on at a time.
        _INDEXES.clear()
        _INDEXES[key] = known = ((stamp[0], stamp[1]), index)
    return known[1]


def _answer_alike(call: Call) -> Answer:
    """Give the open documents that are nearly the same as one the answer that it has."""
    opened = annotations.open_annotation(database(), call.document(), call.annotator)
    if opened.status not in (Status.DONE, Status.IN_PROGRESS):
        raise Rejection(409, "This document has no answer yet: answer it first.")
    chosen = _read_chosen(call.fields.get("documents"))
    found = [each for _, each in _open_alike(call) if chosen is None or each.id in chosen]
    wanted = sorted({span.label for span in opened.spans})
    changes = {
        each.id: _becoming(each.state, [Span(0, 0, name) for name in wanted]) for each in found
    }
    named = ", ".join(wanted) or "none of these"
    quote = " ".join(opened.document.text.split())[:QUOTED]
    try:
        return _apply(call, "repeat", f"{named} for {len(found):,} texts like “{quote}”", changes)
    except RefusedError as error:
        raise Rejection(409, "No other open text is nearly the same.") from error


def _read_chosen(value: Any) -> set[int] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(map(is_id, value)):
        raise Rejection(400, MALFORMED)
    return set(value)


def _sure(call: Call) -> Answer:
    """Tell how many open documents a model is sure of, and how often that was right on dev.

    Over all labels, and for each that would be given: the one that was wrong most often first.
    """
    threshold = _threshold(call)
    found = list(sure.answers(database(), call.project, call.annotator, threshold))
    run = suggestions.newest_run(database(), call.project)
    records = sure.records(database(), run, threshold) if run else {}
    right, total = (sum(each[at] for each in records.values()) for at in range(2))
    given = Counter(span.label for _, said in found for span in said)
    labels = [_label(name, many, records.get(name)) for name, many in given.items()]
    labels.sort(key=lambda each: (each["right"] / (each["total"] or 1), -each["documents"]))
    return 200, {"documents": len(found), "right": right, "total": total, "labels": labels}


def _label(name: str, documents: int, record: Record | None) -> dict[str, Any]:
    right, total = record or (0, 0)
    return {"label": name, "documents": documents, "right": right, "total": total}


def _answer_sure(call: Call) -> Answer:
    """Give the open documents that a model is sure of what it says."""
    threshold = _threshold(call)
    found = sure.answers(database(), call.project, call.annotator, threshold)
    changes = {document: _becoming(State(), said) for document, said in found}
    title = f"What the model is at least {threshold:.0%} sure of: {len(changes):,} documents"
    return _apply(call, "accept", title, changes)


def _threshold(call: Call) -> float:
    value = call.fields.get("threshold")
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise Rejection(400, MALFORMED)
    return float(value)


def _becoming(state: State, wanted: Sequence[Span]) -> list[dict[str, Any]]:
    """Return the edits after which a document has some labels and no others."""
    names = {span.label for span in wanted}
    known = {span.label for span in state.spans.values()}
    gone = [span for span in state.spans.values() if span.label not in names]
    removed: list[dict[str, Any]] = [{"kind": "remove", "id": span.id} for span in gone]
    return removed + [_adding(span) for span in wanted if span.label not in known]


def _adding(span: Span) -> dict[str, Any]:
    made = {"source": str(span.source), "score": span.score} if span.source is Source.MODEL else {}
    place = {"start": 0, "end": 0, "label": span.label, "quote": ""}
    return {"kind": "add", "span": {"id": uuid4().hex, **place, **made}}


def _apply(
    call: Call, kind: str, title: str, changes: Mapping[int, Sequence[dict[str, Any]]]
) -> Answer:
    request = f"{call.name('client')}:{call.number('seq')}"
    action = actions.apply(
        *(database(), call.project, call.annotator, kind, title, changes),
        request=request,
        status=Status.DONE,
    )
    opened = annotations.open_annotation(database(), call.document(), call.annotator)
    told = {"title": action.title, "documents": action.documents, "skipped": action.skipped}
    return 200, told | {"state": opened.state}
