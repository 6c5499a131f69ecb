"""The judge route: what a person says of a text and an item becomes a document of the project.

The document is added where the project does not have it, and gets its label by an edit like any
other, so that undo takes it back.
"""

from typing import Any
from uuid import uuid4

from starlette.routing import Route

from engine import tasks
from engine.encoding.tokens import tokenize
from pages.routes.bodies import LARGEST_BODY, Rejection
from pages.routes.gate import Answer, Call, route
from storage.corpus import documents, projects
from storage.database.store import database
from storage.journal import annotations
from storage.journal.annotations import DUPLICATE, SAVED, Annotation
from storage.types import Document, Project, Split, Status

ONE_TEXT = "This project labels one text at a time: choose one on pairs of texts."


def routes() -> list[Route]:
    return [route("judge", _judge)]


def _judge(call: Call) -> Answer:
    """Answer 200 with the document, its label and the step that undo would take back."""
    project = projects.get_project(database(), call.project)
    text, item = call.text("text", LARGEST_BODY), call.text("item", LARGEST_BODY)
    label = _label(project, call)
    added = Document(text, tokenize(text), split=Split.TRAIN, name="matched", second_text=item)
    document = documents.ensure(database(), project.id, added, call.annotator).id
    opened = annotations.open_annotation(database(), document, call.annotator)
    parts = _edits(opened, label)
    if not parts and opened.status is Status.DONE:
        return 200, {"document": document, "label": label, "step": None}
    operation = {
        "seq": call.number("seq"),
        "base_revision": opened.revision,
        "status": str(Status.DONE),
        **({"kind": "batch", "operations": parts} if len(parts) > 1 else {"kind": "status"}),
        **(parts[0] if len(parts) == 1 else {}),
    }
    client = call.name("client")
    outcome = annotations.apply_operations(
        database(), project.id, document, call.annotator, client, [operation]
    )
    last = outcome.results[-1]
    if last["status"] not in (SAVED, DUPLICATE):
        raise Rejection(409, last["reason"])
    return 200, {"document": document, "label": label, "step": f"{client}:{operation['seq']}"}


def _label(project: Project, call: Call) -> str:
    """Return the label that is meant: the project's own, or one that is made for the answer."""
    fitting = tasks.get(project.task).fitting
    if fitting is None:
        raise Rejection(400, ONE_TEXT)
    names = [label.name for label in project.labels]
    asked = call.text("label")
    if asked in names:
        return asked
    if asked not in fitting.answers(names):
        raise Rejection(400, "This project has no such label: reload the page.")
    projects.add_labels(database(), project.id, [asked])
    return asked


def _edits(opened: Annotation, label: str) -> list[dict[str, Any]]:
    """Return the edits after which the document has this label, and no other."""
    marks = list(opened.work.spans.values())
    if any(mark.label == label for mark in marks):
        return [{"kind": "remove", "id": mark.id} for mark in marks if mark.label != label]
    if marks:
        first = {"kind": "relabel", "id": marks[0].id, "label": label}
        return [first, *({"kind": "remove", "id": mark.id} for mark in marks[1:])]
    span = {"id": uuid4().hex, "start": 0, "end": 0, "label": label, "quote": ""}
    return [{"kind": "add", "span": span}]
