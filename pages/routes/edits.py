"""The save route: takes the tagger's edits by HTTP and answers once they are on disk."""

from collections.abc import Mapping
from typing import Any

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
    operations = call.fields.get("operations")
    document, client = call.document(), call.name("client")
    if not _are_operations(operations):
        raise Rejection(400, MALFORMED)
    lean = call.fields.get("lean") is True
    outcome = annotations.apply_operations(
        database(), call.project, document, call.annotator, client, operations, lean
    )
    return _told(outcome)


def _are_operations(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    numbers = [each.get("seq") for each in value if isinstance(each, dict)]
    # A number twice in one batch would be neither a repetition nor a new edit.
    return all(map(is_id, numbers)) and len(value) == len(numbers) == len(set(numbers))


def _told(outcome: Outcome) -> tuple[int, Mapping[str, Any]]:
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
