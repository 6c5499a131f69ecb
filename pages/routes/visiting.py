"""The visit route: notes that a sentence of a list was looked at, where the list is a cell."""

from __future__ import annotations

from starlette.routing import Route

from pages.routes.bodies import MALFORMED, Rejection
from pages.routes.gate import Answer, Call, route
from storage.cells import Cell
from storage.database.store import database
from storage.finding.selection import parse
from storage.runs import runs, visits


def routes() -> list[Route]:
    return [route("visits", _visit)]


def _visit(call: Call) -> Answer:
    """Answer with how many rows of the cell lie in documents that were looked at."""
    cell = _cell(call)
    visits.note(database(), cell, call.document())
    return 200, {"seen": visits.count(database(), cell)}


def _cell(call: Call) -> Cell:
    """Return the part of a table that is named: of a run of the project. Raises Rejection."""
    selection = parse(call.text("queue"))
    if selection is None or selection.cell is None:
        raise Rejection(400, MALFORMED)
    if runs.get_run(database(), selection.cell.run).project_id != call.project:
        raise Rejection(404, "This project has no such run: reload the page.")
    return selection.cell
