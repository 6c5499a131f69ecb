"""``archive`` and ``unarchive`` from a shell."""

from __future__ import annotations

from pathlib import Path

from tests.engine.commands.conftest import Command, assert_fails


def test_a_project_goes_into_a_file_and_comes_back_under_another_name(
    run: Command, sentences: Path, tmp_path: Path
) -> None:
    run("import", sentences, "--project", "p")
    file = tmp_path / "p.whetstone.zip"
    made = run("archive", "p", file)
    assert made.code == 0
    assert made.payload["rows"]["documents"] == 2
    back = run("unarchive", file, "--name", "q")
    assert (back.code, back.payload["project"]) == (0, "q")


def test_what_is_no_archive_is_refused_in_one_sentence(run: Command, sentences: Path) -> None:
    assert_fails(run("unarchive", sentences), "damaged")
    assert_fails(run("unarchive", "nowhere.zip"), "no file")
    assert_fails(run("archive", "nobody", "x.zip"), "nobody")
