"""``health`` from a shell."""

from __future__ import annotations

from pathlib import Path

from tests.engine.commands.conftest import Command
from tests.storage.damage import damage


def test_the_store_is_told_for_machines(run: Command, sentences: Path, home: Path) -> None:
    run("import", sentences, "--project", "p")
    run("backup")
    answer = run("health", "--check")
    assert answer.code == 0
    told = answer.payload
    assert told["state"] in ("good", "note", "warning")
    assert told["schema"] == told["newest_schema"]
    assert told["checked"]["complaint"] == told["backup"]["verified"]["complaint"] == ""
    assert told["bytes"]["database"] > 0 and told["database"] == str(home / "whetstone.db")


def test_what_is_wrong_is_an_exit_code_too(run: Command, sentences: Path, home: Path) -> None:
    run("import", sentences, "--project", "p")
    damage(home / "whetstone.db", "journal")
    answer = run("health", "--check")
    assert answer.code == 1
    assert answer.payload["state"] == "error"
    first = answer.payload["findings"][0]
    assert first["about"] == "Database" and "restore a backup" in first["sentence"]
