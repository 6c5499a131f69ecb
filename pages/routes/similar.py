"""The route for like texts: the training documents most like one, with their marks of now."""

from __future__ import annotations

from typing import Any

from starlette.routing import Route

from pages.routes.bodies import MALFORMED, Rejection
from pages.routes.gate import Answer, Call, is_id, route
from storage.database.store import database
from storage.journal import wire
from storage.runs import inspections, runs
from storage.runs.inspections import LikeText

# So much of each text comes: enough to tell why it is like the other.
LONGEST = 400


def routes() -> list[Route]:
    return [route("similar", _similar)]


def _similar(call: Call) -> Answer:
    run = call.fields.get("run")
    if not is_id(run):
        raise Rejection(400, MALFORMED)
    if runs.get_run(database(), run).project_id != call.project:
        raise Rejection(404, "This project has no such run: reload the page.")
    found = inspections.like(database(), run, call.document())
    return 200, {"texts": [_describe(each) for each in found]}


def _describe(found: LikeText) -> dict[str, Any]:
    document = found.document
    end = min(len(document.text), LONGEST)
    return {
        "document": document.id,
        "name": document.name,
        "similarity": found.similarity,
        "text": document.text[:end],
        "cut": end < len(document.text),
        "marks": [wire.span(span) for span in document.spans if span.start < end],
        "whole": [span.label for span in document.spans if span.whole],
    }
