"""A list as its page sends it: a page of rows, what stands there now, and who may decide."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pages.widgets import walk
from pages.widgets.walk import payload
from pages.widgets.walk.payload import Listed
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.errors import ReadOnlyError
from storage.types import Document, Project, Span

LONG = "Ada met Bob. " * 400


@pytest.fixture
def project(db: Database) -> Iterator[Project]:
    made = projects.create_project(db, "letters")
    projects.add_labels(db, made.id, ["PER"])
    given = [Document(text, ((0, 3),), (Span(0, 3, "PER"),)) for text in ("Ada.", LONG)]
    documents.add_documents(db, made.id, given, "ada")
    yield projects.get_project(db, made.id)


def describe(db: Database, project: Project) -> dict:
    ids = list(documents.list_ids(db, project.id))
    rows = [
        walk.Row(f"r{id}", id, Span(0, 3, "PER"), None, "missed", others=(walk.Said("B", None),))
        for id in (*ids, ids[-1] + 1)
    ]
    return payload.describe(project, Listed("list", rows, 1, 1, rows, "", None))


def test_short_documents_come_along_and_long_ones_when_asked_for(
    db: Database, project: Project
) -> None:
    sent = describe(db, project)
    short, long = sent["rows"]
    assert [opened["document"]["text"] for opened in sent["opened"]] == ["Ada."]
    assert (short["window"]["text"], short["window"]["after"]) == ("Ada.", False)
    assert len(long["window"]["text"]) < 500
    assert long["window"]["after"]
    assert [mark["label"] for mark in long["marks"]] == ["PER"]


def test_a_document_that_was_deleted_has_no_row(db: Database, project: Project) -> None:
    sent = describe(db, project)
    assert {row["document"] for row in sent["rows"]} == set(documents.list_ids(db, project.id))


def test_where_nothing_can_be_saved_the_list_says_so(
    db: Database, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert describe(db, project)["barrier"] == ""
    why = ReadOnlyError("The home can be read but not changed.")
    monkeypatch.setattr(Database, "barrier", lambda self: why)
    assert describe(db, project)["barrier"] == str(why)
