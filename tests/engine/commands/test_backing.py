"""``backup`` and ``restore`` from a shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.backups import copies
from storage.corpus import documents, projects
from storage.database.connection import Database
from tests.engine.commands.conftest import Command, assert_fails
from tests.storage.damage import damage


def documents_in(project: str) -> int:
    db = Database.open()
    try:
        return documents.count_documents(db, projects.find_project(db, project).id)
    finally:
        db.close()


@pytest.fixture
def more(tmp_path: Path) -> Path:
    path = tmp_path / "more.conll"
    path.write_bytes(b"Zoe B-PER\nwakes O\n\n")
    return path


def test_a_backup_is_made_named_and_gone_back_to(
    run: Command, sentences: Path, more: Path, home: Path
) -> None:
    run("import", sentences, "--project", "p")
    made = run("backup")
    assert made.code == 0
    assert Path(made.payload["path"]).parent == home / "backups"
    run("import", more, "--project", "p")
    assert documents_in("p") == 3
    restored = run("restore", made.payload["backup"], "--yes")
    assert restored.code == 0
    assert documents_in("p") == 2
    again = run("restore", Path(restored.payload["aside"]) / "whetstone.db", "--yes")
    assert again.code == 0
    assert documents_in("p") == 3


def test_without_a_name_it_is_the_newest_that_is_whole(
    run: Command, sentences: Path, more: Path, home: Path
) -> None:
    run("import", sentences, "--project", "p")
    run("backup")
    run("import", more, "--project", "p")
    newest = Path(run("backup").payload["path"])
    damage(newest, "documents")
    assert run("restore", "--yes").code == 0
    assert documents_in("p") == 2
    rows = run("backup", "--list").payload["backups"]
    assert [row["kind"] for row in rows][:1] == ["set-aside"]


def test_nothing_is_done_without_a_yes(run: Command, sentences: Path) -> None:
    run("import", sentences, "--project", "p")
    run("backup")
    assert_fails(run("restore"), "Go back to whetstone-asked-", "2 documents", "--yes")


def test_a_name_that_is_none_is_said(run: Command, sentences: Path) -> None:
    run("import", sentences, "--project", "p")
    assert_fails(run("restore", "--yes"), "There is no backup")
    assert_fails(run("restore", "yesterday", "--yes"), "choose one from the list")


def test_the_days_first_command_makes_a_backup(run: Command, sentences: Path, home: Path) -> None:
    run("import", sentences, "--project", "p")
    assert not (home / "backups").exists(), "there was nothing to keep before"
    run("runs")
    run("runs")
    (backup,) = copies.known(home / "whetstone.db")
    assert backup.kind == "daily"
    assert copies.counts(backup) == copies.Counts(2, 0)


def test_a_backup_that_cannot_be_made_stands_in_nobodys_way(
    run: Command, sentences: Path, home: Path
) -> None:
    run("import", sentences, "--project", "p")
    (home / "backups").touch()
    answer = run("runs")
    assert answer.code == 0
    assert "No backup was made today. The folder" in answer.error.replace("\n", " ")


def test_a_server_has_tools_of_its_own(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHETSTONE_DB", "postgresql://host/name")
    for command in ("backup", "restore"):
        assert_fails(run(command), "pg_dump makes a backup")


def test_what_can_be_read_of_a_damaged_database_is_exported_and_nothing_comes_in(
    run: Command, sentences: Path, more: Path, home: Path, tmp_path: Path
) -> None:
    run("import", sentences, "--project", "p")
    run("backup")
    damage(home / "whetstone.db", "journal")
    assert_fails(run("import", more, "--project", "p"), "is damaged", "python -m engine restore")
    assert run("export", tmp_path / "out.conll", "--project", "p").payload["documents"] == 2
    assert run("restore", "--yes").code == 0
    assert run("import", more, "--project", "p").code == 0
    assert documents_in("p") == 3


def test_an_emptied_database_is_restored_or_begun_anew(
    run: Command, sentences: Path, home: Path
) -> None:
    run("import", sentences, "--project", "p")
    run("backup")
    (home / "whetstone.db").write_bytes(b"")
    assert_fails(run("runs"), "is empty, but 1 backup", "restore --anew")
    assert run("restore", "--anew").code == 0
    assert run("runs").payload == {"runs": []}
    assert run("restore", "--yes").code == 0
    assert documents_in("p") == 2
