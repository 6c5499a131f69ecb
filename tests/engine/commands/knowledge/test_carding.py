"""``card``: of a run that is done, or of a project's data."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import DatasetCard, ModelCard

from tests.engine.commands.conftest import Command, assert_fails, base, files, project, run

__all__ = ["base", "files", "project", "run"]


def test_a_runs_card_and_its_datas(run: Command, project: str, base: Path, tmp_path: Path) -> None:
    made = run("train", "--project", project, "--base", base, "--epochs", 1, "--device", "cpu")
    number = made.payload["run"]
    told = run("card", "--run", number)
    assert (told.code, told.payload["run"], told.payload["format"]) == (0, number, "markdown")
    assert ModelCard(told.payload["text"]).data.to_dict()["pipeline_tag"] == "token-classification"
    assert "How sure F1 is" in told.payload["text"]
    assert run("report", number, "--format", "card").payload["text"] == told.payload["text"]
    data = run("card", "--project", project).payload["text"]
    assert DatasetCard(data).data.to_dict()["size_categories"] == ["n<1K"]
    place = tmp_path / "card.html"
    run("card", "--run", number, "--format", "html", "--out", place)
    assert place.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert_fails(run("card"), "--run", "--project")
    assert_fails(run("card", "--run", 99), "no run 99")
