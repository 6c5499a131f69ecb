"""The save route: takes the tagger's edits by HTTP and answers once they are on disk."""

from collections.abc import Mapping
from typing import Any, TypeGuard

from starlette.routing import Route

from pages.routes.bodies import MALFORMED, Rejection
from pages.routes.gate import Answer, Call, is_id, route
from storage.database.store import database
from storage.journal import annotations
from storage.journal.annotations import CONFLICT, REFUSED, Outcome


def routes() -> list[Route]:
    return [route("edits", _save)]


def _save(call: Call) -> Answer:
    """Apply a batch of edits: 200 saved, 409 made on an older revision, 422 refused."""
    operations = operations_of(call)
    document, client = call.document(), call.name("client")
    lean = call.fields.get("lean") is True
    outcome = annotations.apply_operations(
        database(), call.project, document, call.annotator, client, operations, lean
    )
    return told(outcome)


def operations_of(call: Call) -> list[Mapping[str, Any]]:
    """Return the edits of a request; raises Rejection."""
    operations = call.fields.get("operations")
    if not _are_operations(operations):
        raise Rejection(400, MALFORMED)
    return operations


def _are_operations(value: Any) -> TypeGuard[list[Mapping[str, Any]]]:
    if not isinstance(value, list) or not value:
        return False
    numbers = [each.get("seq") for each in value if isinstance(each, dict)]
    # A number twice in one batch would be neither a repetition nor a new edit.
    return all(map(is_id, numbers)) and len(value) == len(numbers) == len(set(numbers))


def told(outcome: Outcome) -> Answer:
    """Return what became of a batch, with the HTTP status that says so."""
    results = [dict(result) for result in outcome.results]
    last = results[-1]
    status = {CONFLICT: 409, REFUSED: 422}.get(last["status"], 200)
    body = {
        "results": results,
        "revision": outcome.revision,
        "state": outcome.state,
        "elsewhere": outcome.elsewhere,
        "entry": outcome.entry,
    }
    return status, body | ({"error": last["reason"]} if status != 200 else {})
