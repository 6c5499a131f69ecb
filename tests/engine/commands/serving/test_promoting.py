"""Promote, roll back, list: a version is what was on the disk when it was promoted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.engine.commands.conftest import Command, assert_fails
from tests.engine.commands.test_training import TINY


@pytest.fixture
def trained(run: Command, project: str, base: Path) -> list[dict]:
    """Two finished runs of the project."""
    learn = ("train", "--project", project, "--base", base, *TINY)
    return [run(*learn, "--seed", seed).payload for seed in (1, 2)]


def test_a_model_is_promoted_and_rolled_back_as_long_as_it_is_what_was_promoted(
    run, project, trained
):
    first, second = (each["run"] for each in trained)
    assert run("promote", first, "--note", "the first").payload["stage"] == "live"
    assert run("promote", second, "--to", "candidate").payload["stage"] == "candidate"
    assert run("promote", second).payload["stage"] == "live"
    assert_fails(run("promote", second), "live already")
    back = run("rollback", "--project", project, "--note", "worse").payload
    assert (back["run"], back["kind"], back["note"]) == (first, "rollback", "worse")
    listed = run("versions", "--project", project).payload
    assert [(each["run"], each["stage"]) for each in listed["versions"]] == [
        (first, "live"),
        (second, "former"),
    ]
    assert len(listed["history"]) == 4 and all(each["present"] for each in listed["versions"])
    run("promote", second)
    refuse_what_is_another_model(run, project, *trained)


def refuse_what_is_another_model(run: Command, project: str, damaged: dict, live: dict) -> None:
    first, second = (Path(each["folder"]) / "model" for each in (damaged, live))
    config = first / "config.json"
    config.write_text(config.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert_fails(run("rollback", "--project", project), "config.json is missing or damaged")
    shutil.rmtree(first)
    shutil.copytree(second, first)
    assert_fails(run("rollback", "--project", project), "not the one that was promoted")
    assert run("versions", "--project", project).payload["versions"][0]["run"] == live["run"]


def test_keys_are_made_listed_and_revoked(run, project):
    made = run("keys", "add", "--project", project, "shop").payload
    assert made["secret"].startswith(made["start"])
    (listed,) = run("keys", "list", "--project", project).payload["keys"]
    assert "secret" not in listed and listed["name"] == "shop"
    assert run("keys", "revoke", "--project", project, made["key"]).payload["revoked_at"]
    assert_fails(run("keys", "revoke", "--project", project, 9), "no key 9")
