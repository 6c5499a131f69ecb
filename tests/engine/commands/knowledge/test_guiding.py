"""``guideline`` prints or keeps what labels mean, with every version."""

from pathlib import Path

import pytest

from engine.commands import main
from storage.corpus import projects
from storage.database.connection import Database
from storage.knowledge import examples
from tests.engine.commands.conftest import Command, assert_fails


def test_it_tells_labels_and_examples_in_three_formats(
    run: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = Database.open()
    made = projects.create_project(db, "p").id
    (label,) = projects.add_labels(db, made, ["PER"])
    assert label.id
    examples.add(db, made, label.id, "positive", "Ada met Bob.", 0, 3, reason="A name")
    projects.set_guideline(db, made, "Titles are none.")
    db.close()
    (version,) = run("guideline", "--project", "p").payload["versions"]
    assert (version["number"], version["text"]) == (1, "Titles are none.")
    assert main(["guideline", "--project", "p"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# p: guideline\n") and "**Ada** met Bob. (A name)" in printed
    place = tmp_path / "p.html"
    assert run("guideline", "--project", "p", "--format", "html", "--out", place).code == 0
    assert "<mark>Ada</mark> met Bob." in place.read_text("utf-8")
    assert_fails(run("guideline", "--project", "none"), "no project 'none'")
