"""Repeating a label: where else its string stands, and labelling all of that in one step."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from starlette.routing import Route

from engine.corpus import phrase_matcher
from pages.routes.bodies import LARGEST_BODY, MALFORMED, Rejection
from pages.routes.gate import Answer, Call, is_id, route
from storage.actions import actions
from storage.corpus import projects
from storage.database.store import database
from storage.finding import occurrences
from storage.journal import annotations
from storage.journal.spans import obstacle
from storage.types import Project, Span

# Beyond these a list is no longer read, and a count no longer waited for.
LISTED = 1_000
COUNTED = 5_000
# Of more documents that may hold a string the first ones are looked at.
LOOKED_AT = 20_000
CONTEXT = 40
LONGEST = 500
Hit = tuple[int, int]


def routes() -> list[Route]:
    return [route("find", _find), route("apply", _apply)]


def _find(call: Call) -> Answer:
    """Tell where a string stands free: in the open document, and in how many others."""
    project = projects.get_project(database(), call.project)
    quote, here = call.text("quote", LARGEST_BODY), call.document()
    if not quote.strip() or len(quote) > LONGEST:
        raise Rejection(400, f"Only strings of 1 to {LONGEST} characters can be repeated.")
    listed = call.fields.get("list") is True
    body: dict[str, Any] = {"here": [], "spans": 0, "documents": 0, "hits": [], "more": 0}
    for found, hits in _places(call, project, quote):
        if found.id == here:
            body["here"] = hits
        else:
            body["spans"] += len(hits)
            body["documents"] += 1
        if listed:
            room = LISTED - len(body["hits"])
            body["hits"] += [_shown(found, hit) for hit in hits[:room]]
            body["more"] += max(0, len(hits) - room)
        if body["spans"] >= COUNTED:
            body["counted"] = COUNTED
            return 200, body
    if occurrences.count_candidates(database(), project.id, quote, _case(call)) > LOOKED_AT:
        body["counted"] = body["spans"]
    return 200, body


def _case(call: Call) -> bool:
    return call.fields.get("match_case") is not False


def _places(
    call: Call, project: Project, quote: str
) -> Iterator[tuple[occurrences.Candidate, list[Hit]]]:
    whole, case = call.fields.get("whole_words") is not False, _case(call)
    label = call.text("label")
    found = occurrences.candidates(
        *(database(), project.id, call.annotator, quote, case),
        holds=lambda text: bool(phrase_matcher.find(text, quote, whole, case)),
        most=LOOKED_AT,
    )
    for candidate in found:
        spans = list(candidate.state.spans.values())
        hits = [
            hit
            for hit in phrase_matcher.find(candidate.text, quote, whole, case)
            if _is_free(hit, spans, label, project.allow_overlaps)
        ]
        if hits:
            yield candidate, hits


def _is_free(hit: Hit, spans: list[Span], label: str, allow_overlaps: bool) -> bool:
    return obstacle(Span(*hit, label), spans, allow_overlaps) is None


def _shown(found: occurrences.Candidate, hit: Hit) -> dict[str, Any]:
    start, end = hit
    return {
        "document": found.id,
        "name": found.name,
        "start": start,
        "end": end,
        "before": found.text[max(0, start - CONTEXT) : start],
        "quote": found.text[start:end],
        "after": found.text[end : end + CONTEXT],
    }


def _apply(call: Call) -> Answer:
    """Label hits all over the project as one action."""
    label, here = call.text("label"), call.document()
    request = f"{call.name('client')}:{call.number('seq')}"
    places = _read_hits(call.fields.get("hits"))
    changes = _additions(call.project, label, places)
    quote = next((change["span"]["quote"] for many in changes.values() for change in many), "")
    action = actions.apply(
        database(),
        call.project,
        call.annotator,
        "repeat",
        f"{label} on {sum(map(len, changes.values())):,} × “{quote}”",
        changes,
        request=request,
    )
    opened = annotations.open_annotation(database(), here, call.annotator)
    return 200, {
        "title": action.title,
        "spans": action.spans,
        "documents": action.documents,
        "skipped": action.skipped,
        "state": opened.state,
    }


def _read_hits(value: Any) -> dict[int, list[Hit]]:
    """Return the ticked hits by document; raises Rejection."""
    if not isinstance(value, list) or not 1 <= len(value) <= LISTED:
        raise Rejection(400, f"1 to {LISTED:,} places can be labelled at once.")
    places: dict[int, list[Hit]] = {}
    for hit in value:
        if not (isinstance(hit, list) and len(hit) == 3 and is_id(hit[0])):
            raise Rejection(400, MALFORMED)
        document, start, end = hit
        whole = all(isinstance(edge, int) and not isinstance(edge, bool) for edge in (start, end))
        if not whole or not 0 <= start < end:
            raise Rejection(400, MALFORMED)
        places.setdefault(document, []).append((start, end))
    return places


def _additions(
    project: int, label: str, places: Mapping[int, list[Hit]]
) -> dict[int, list[dict[str, Any]]]:
    texts = occurrences.texts(database(), project, places)
    return {
        document: [
            {
                "kind": "add",
                "span": {
                    "id": uuid4().hex,
                    "start": start,
                    "end": end,
                    "label": label,
                    "quote": texts[document][start:end],
                },
            }
            for start, end in hits
        ]
        for document, hits in places.items()
        if document in texts
    }
