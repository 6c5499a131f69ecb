"""What the Tag page hands to the tagger: the document, its state, the queue around it."""

from __future__ import annotations

import streamlit as st

from pages import routes
from pages.routes import gate, naming
from pages.widgets import address, queues
from pages.widgets.store import database
from storage import annotations, documents, reasons, settings, subjects, suggestions
from storage.queues import Queue
from storage.suggestions import Suggestions
from storage.types import Project, Span

REACH = 20
# From which score on "accept all" takes a suggestion, where Settings say nothing else.
THRESHOLD = 0.8


def open_document(project: Project, queue: Queue) -> tuple[Queue, int]:
    """Choose the document: the one asked for, else the one open before, else the first.

    One asked for by the address or the tagger is shown even where the queue lacks it: it
    joins the queue as a guest.
    """
    asked = address.read_id("document")
    wanted = st.session_state.pop("opened", None)
    if asked and st.session_state.get("document-asked") != asked:
        wanted = asked
    chosen = wanted or st.session_state.get("document")
    if chosen not in queue.ids:
        if wanted and documents.belongs(database(), wanted, project.id):
            queue = queues.admit(project, queue, wanted)
        else:
            chosen = queue.ids[0]
    st.session_state["document"] = st.session_state["document-asked"] = chosen
    address.write(document=str(chosen))
    return queue, chosen


def follow(opened: dict | None) -> None:
    """Go where the tagger asked to go; called before the page runs again."""
    if opened and isinstance(opened.get("document"), int):
        st.session_state["document"] = st.session_state["opened"] = opened["document"]
        for name in ("start", "end"):
            st.query_params.pop(name, None)


def describe(project: Project, queue: Queue, document_id: int, annotator: str) -> dict:
    """Return the tagger's data; every offset is in code points."""
    opened = annotations.open_annotation(database(), document_id, annotator)
    document = opened.document
    index = queue.position(document.id)
    first = max(0, index - REACH)
    found = suggestions.of_document(database(), document.id)
    about = subjects.subject(database(), queue.choice, document.id, opened.work, found)
    return {
        "endpoint": gate.address("edits"),
        "token": gate.sign(annotator, project.id),
        "project": project.id,
        "annotator": annotator,
        "document": {
            "id": document.id,
            "text": document.text,
            "tokens": [list(token) for token in document.tokens],
            "name": document.name,
            "split": document.split,
        },
        "state": opened.state,
        "labels": [naming.describe(label) for label in project.labels],
        "routes": routes.addresses(),
        "allow_overlaps": project.allow_overlaps,
        "queue": {
            "name": queue.choice.name,
            "title": queue.title,
            "detailed": queue.choice.kind in queues.DETAILED,
            "why": reasons.why(queue, document.id),
            "ids": list(queue.ids[first : index + REACH + 1]),
            "index": index,
            "total": len(queue.ids),
        },
        "focus": _asked(len(document.text)) or (about and _place(about)),
        "suggestions": found and _describe(found),
        "threshold": settings.get(database(), "suggestion_threshold", THRESHOLD),
        "keys": settings.get(database(), "keys", {}),
        "guideline": bool(project.guideline.strip()),
    }


def _describe(found: Suggestions) -> dict:
    """What the newest model would label here."""
    spans = [{**_place(span), "score": span.score} for span in found.spans]
    return {"run": found.run, "spans": spans}


def _place(span: Span) -> dict:
    return {"start": span.start, "end": span.end, "label": span.label}


def _asked(length: int) -> dict[str, int] | None:
    """The span that a report sent us to, where the address names one that fits the text."""
    start, end = address.read_number("start"), address.read_number("end")
    if start is None or end is None or not start < end <= length:
        return None
    return {"start": start, "end": end}
