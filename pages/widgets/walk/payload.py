"""What a page hands to the browser for its list: the rows, and the short documents they are in."""

from collections.abc import Collection, Mapping, MutableMapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pages import routes
from pages.coaching import coach
from pages.routes import gate, naming, opening
from pages.widgets.tag import mode
from pages.widgets.walk import windows
from pages.widgets.walk.rows import Elsewhere, Row, Rows
from storage.cells import Cell
from storage.collaboration.rules import starts
from storage.database import settings
from storage.database.store import database
from storage.finding.selection import parse
from storage.journal import annotations, wire
from storage.runs import inspections, mending, reports, visits
from storage.types import Document, ErrorKind, Match, Project, Run, Span

# A longer text comes only when it is asked for; the row shows a part of it.
SHORT = 4_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list: which rows, where in the ``whole`` list, and what the list is about.

    ``name`` tells this list from every other one.
    """

    name: str
    rows: Sequence[Row]
    page: int
    pages: int
    whole: Rows
    queue: str
    run: Run | None
    said: MutableMapping[int, list[Span]] = field(default_factory=dict)
    """What the newest model says of the documents that were shown: it stays what it was."""
    elsewhere: Elsewhere | None = None

    @property
    def cell(self) -> Cell | None:
        """The part of a table that the list is, if it is one."""
        selection = parse(self.queue) if self.queue else None
        return selection.cell if selection else None


def describe(project: Project, listed: Listed) -> dict[str, Any]:
    """Return the list's data; every offset is in code points."""
    annotator = settings.annotator(database())
    found = seen(project, {row.document for row in listed.rows})
    documents = {document.id: document for document in found}
    # A document may be deleted while its list is open.
    rows = [row for row in listed.rows if row.document in documents]
    barrier = database().barrier()
    short = [id for id, document in documents.items() if len(document.text) <= SHORT]
    opened = [] if listed.elsewhere else short
    return {
        "list": listed.name,
        "queue": listed.queue,
        "run": listed.run and listed.run.id,
        "page": listed.page,
        "pages": listed.pages,
        "endpoint": gate.address("edits"),
        "token": gate.sign(annotator, project.id),
        "project": project.id,
        "annotator": annotator,
        "labels": naming.described(project),
        "routes": routes.addresses(),
        **mode.describe(project),
        "keys": settings.get(database(), "keys", {}),
        "threshold": 0,
        "guideline": bool(project.guideline.strip()),
        "barrier": str(barrier) if barrier else "",
        "elsewhere": asdict(listed.elsewhere) if listed.elsewhere else None,
        "rows": _rows(rows, documents, listed),
        "opened": [
            opening.describe(each)
            for each in annotations.open_annotations(database(), project.id, opened, annotator)
        ],
        **_counts(listed),
    }


def seen(project: Project, ids: Collection[int]) -> list[Document]:
    """Return documents with the labels that whoever acts is shown, in import order.

    Those that count, whoever gave them; where people label blind, one's own.
    """
    if not starts.refusal(database(), project.id):
        return annotations.of_documents(database(), ids)
    annotator = settings.annotator(database())
    opened = annotations.open_annotations(database(), project.id, ids, annotator)
    return [each.document for each in opened]


def _counts(listed: Listed) -> dict[str, Any]:
    """Return how much of the list was looked at, and which documents."""
    cell = listed.cell
    seen = visits.documents(database(), cell) if cell else ()
    shown = {row.document for row in listed.rows}
    looked = visits.count(database(), cell) if cell else None
    return {
        "seen": [id for id in seen if id in shown],
        "counts": {"seen": looked, "total": len(listed.whole), "mended": _count_mended(listed)},
    }


def _count_mended(listed: Listed) -> int | None:
    """Return how many rows of the whole list were mended since the run, None where it has none."""
    if listed.run is None:
        return None
    if listed.cell:
        return mending.count(database(), listed.run, listed.cell)
    return len(_mended(listed.run, listed.whole[: len(listed.whole)]))


def _rows(
    rows: Sequence[Row], documents: Mapping[int, Document], listed: Listed
) -> list[dict[str, Any]]:
    run = listed.run
    mended = _mended(run, rows) if run else None
    predicted = _predicted(documents, listed)
    like = inspections.has_like(database(), run.id, documents) if run else ()
    return [
        _row(row, documents[row.document], predicted[row.document])
        | {"mended": None if mended is None else row.id in mended}
        | {"like": row.document in like}
        | (_theirs(row) if listed.elsewhere else {})
        for row in rows
    ]


def _theirs(row: Row) -> dict[str, Any]:
    """Return what is drawn of other people's work: what the one said, and not what counts."""
    given = [] if row.given is None else [wire.span(replace(row.given, id="given"))]
    return {"marks": given, "predicted": []}


def _row(row: Row, document: Document, predicted: Sequence[Span]) -> dict[str, Any]:
    places = [place for place in (row.given, row.suggested) if place]
    places += [span for _, span in row.others if span]
    start, end = windows.of(document, places)
    second = document.second_text
    return {
        "id": row.id,
        "document": row.document,
        "name": document.name,
        "given": row.given and wire.place(row.given),
        "suggested": row.suggested and _scored(row.suggested),
        "others": [{"who": who, "span": span and wire.place(span)} for who, span in row.others],
        "kind": row.kind,
        "shade": row.shade,
        "reason": row.reason,
        "score": row.score,
        "window": {
            "text": document.text[start:end],
            "start": start,
            "before": start > 0,
            "after": end < len(document.text),
        },
        "second": None if second is None else _beginning(second),
        "marks": [wire.span(span) for span in document.spans if _meets(span, start, end)],
        "predicted": [_scored(span) for span in predicted if _meets(span, start, end)],
    }


def _predicted(documents: Mapping[int, Document], listed: Listed) -> Mapping[int, list[Span]]:
    """Return what the run's model said in each document, else the suggestions at first sight."""
    if listed.run:
        found = reports.matches_of(database(), listed.run.id, documents)
        return {id: [m.predicted for m in many if m.predicted] for id, many in found.items()}
    new = documents.keys() - listed.said.keys()
    newest = coach.shown(new, settings.annotator(database()))
    for id in documents:
        listed.said.setdefault(id, list(newest[id].spans) if id in newest else [])
    return listed.said


def _mended(run: Run, rows: Sequence[Row]) -> set[str]:
    """Return the ids of the rows that were mended since the run."""
    asked = [
        reports.CellRow(
            place,
            Match(row.document, row.given, row.suggested, ErrorKind.TYPE),
            *(row.document, "", ""),
        )
        for place, row in enumerate(rows)
    ]
    return {rows[place].id for place in mending.since(database(), run, asked)}


def _beginning(text: str) -> dict[str, Any]:
    """Return what a row shows of the second text of its document."""
    shown = windows.beginning(text)
    return {"text": shown, "after": len(shown) < len(text)}


def _scored(span: Span) -> dict[str, Any]:
    return wire.place(span) | {"score": span.score}


def _meets(span: Span, start: int, end: int) -> bool:
    return span.whole or (span.start < end and start < span.end)
