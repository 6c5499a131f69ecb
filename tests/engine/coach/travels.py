"""Sentences about who went where, and the hand that labels them."""

from dataclasses import replace

from storage.corpus import documents, projects
from storage.journal import annotations
from storage.runs import suggestions
from storage.types import Document, Project, Span, Split, Status

PEOPLE = ("Ada", "Bob", "Emmy", "Kurt", "Grace", "Alan", "Mary", "Carl", "Rosa", "Max")
PLACES = ("Ulm", "Paris", "Rome", "Berlin", "Vienna", "Oslo", "Madrid", "Cairo", "Lima", "Delhi")


def travel(number: int) -> Document:
    """A sentence about somebody who goes somewhere."""
    who, where = PEOPLE[number % 10], PLACES[number * 3 % 10]
    text = f"{who} went to {where} on day {number} ."
    place = text.index(where)
    spans = (Span(0, len(who), "person"), Span(place, place + len(where), "place"))
    return Document(text, words(text), spans)


def words(text: str) -> tuple[tuple[int, int], ...]:
    found, at = [], 0
    for word in text.split(" "):
        found.append((at, at + len(word)))
        at += len(word) + 1
    return tuple(found)


def make(db, wanted, name="Travel", **values) -> Project:
    bare = [replace(d, spans=(), status=Status.UNTOUCHED, split=Split.TRAIN) for d in wanted]
    id = documents.create_with_documents(db, name, bare, "ada", **values)
    labels = sorted({span.label for document in wanted for span in document.spans})
    projects.add_labels(db, id, labels)
    return projects.get_project(db, id)


def edit(db, project, id: int, *edits: dict) -> None:
    revision = annotations.open_annotation(db, id, "ada").revision
    numbered = [
        {"seq": revision + n + 1, "base_revision": revision + n, **each}
        for n, each in enumerate(edits)
    ]
    told = annotations.apply_operations(db, project.id, id, "ada", f"tab-{id}", numbered)
    assert {each["status"] for each in told.results} == {"saved"}, told.results


def finish(db, project, id: int, document: Document) -> None:
    adds = []
    for number, span in enumerate(document.spans):
        quote = document.text[span.start : span.end]
        place = {"start": span.start, "end": span.end, "label": span.label, "quote": quote}
        adds.append({"kind": "add", "span": {"id": f"s{number}", **place}})
    edit(db, project, id, *adds, {"kind": "status", "status": "done"})


def said(db, ids) -> dict[int, tuple[Span, ...]]:
    return {id: found.spans for id, found in suggestions.of_documents(db, ids).items()}
