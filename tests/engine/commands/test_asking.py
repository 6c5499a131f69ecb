"""``zero-shot`` on the command line: an endpoint or a folder, with limits of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.runs import suggestions
from tests.engine.commands.conftest import Command
from tests.engine.zero_shot import server
from tests.engine.zero_shot.server import serving
from tests.engine.zero_shot.test_gliner import FIXTURE


@pytest.fixture
def texts(run: Command, tmp_path: Path) -> str:
    """A project with a label and three texts that are to do."""
    path = tmp_path / "notes.txt"
    path.write_text("Ada slept.\nthen Kurt left.\nParis is far.\n")
    run("import", path, "--project", "p")
    db = Database.open()
    projects.add_labels(db, projects.find_project(db, "p").id, ["person"])
    return "p"


def test_an_endpoint_is_asked_within_limits(
    run: Command, texts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No zero-shot model is named" in run("zero-shot", "--project", texts).payload["error"]
    monkeypatch.setenv("WHETSTONE_ZERO_SHOT_KEY", "sk-env")
    with serving(server.says(server.names)) as local:
        named = ("--url", local.url, "--model", "tiny", "--documents", 2)
        found = run("zero-shot", "--project", texts, *named)
        assert found.code == 0, found.error
        assert local.keys == ["Bearer sk-env"] * 2
    told = found.payload
    assert (told["model"], told["suggested"], told["suggestions"]) == ("tiny", 2, 2)
    assert (told["documents"], told["requests"], told["tokens"]) == (2, 2, 20)
    assert told["dropped"] == {} and told["state"] == "done"
    assert "go the texts" not in found.error, "nothing leaves this computer"
    refused = run("zero-shot", "--project", texts, "--url", "https://a.invalid/v1", "--model", "x")
    assert refused.code == 1
    assert "To a.invalid go the texts" in refused.error


def test_a_gliner_folder_is_asked_on_this_computer(run: Command, texts: str) -> None:
    found = run("zero-shot", "--project", texts, "--folder", FIXTURE)
    assert found.code == 0, found.error
    assert (found.payload["model"], found.payload["host"]) == ("gliner", "")
    assert (found.payload["suggested"], found.payload["requests"]) == (3, 0)
    db = Database.open()
    first = documents.list_ids(db, projects.find_project(db, texts).id)[0]
    spans = suggestions.of_document(db, first).spans
    assert spans and all(span.score > 0.5 for span in spans)
