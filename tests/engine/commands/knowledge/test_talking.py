"""``threads`` and ``ledger``: what was said, and who did what, printed or kept."""

from pathlib import Path

import pytest

from engine.commands import main
from storage.collaboration import about, threads
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.types import Document
from tests.engine.commands.conftest import Command, assert_fails


def test_talk_and_work_are_told(
    run: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = Database.open()
    made = projects.create_project(db, "p").id
    documents.add_documents(db, made, [Document("Ada met Bob.")], "ada")
    (document,) = documents.list_ids(db, made)
    threads.ask(db, made, about.on_span(document, 8, 11), "Who is he?")
    done = {"seq": 1, "base_revision": 0, "kind": "status", "status": "done"}
    annotations.apply_operations(db, made, document, "ada", "c", [done])
    db.close()
    (told,) = run("threads", "--project", "p").payload["threads"]
    assert (told["quote"], told["comments"][0]["text"]) == ("Bob", "Who is he?")
    assert run("threads", "--project", "p", "--state", "resolved").payload["threads"] == []
    place = tmp_path / "talk.html"
    run("threads", "--project", "p", "--format", "html", "--out", place)
    assert place.read_text("utf-8").startswith("<!DOCTYPE html>")
    days = run("ledger", "--project", "p").payload["days"]
    assert {day["person"]: day["finished"] for day in days}["ada"] == 1
    assert main(["ledger", "--project", "p"]) == 0
    assert "ada: 1 documents, 1 edits, 0 minutes" in capsys.readouterr().out
    assert_fails(run("ledger", "--project", "none"), "no project 'none'")
