"""What a run may be asked, and that spec.json brings it back unchanged."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from engine.configuration.settings import Settings
from engine.runs import spec
from engine.runs.spec import RunSpec
from storage.errors import InputError
from storage.types import RunKind

SPEC = RunSpec(run=7, project_id=3, project_name="Ünïcode", labels=("b", "a", "b"), attempt=2)


def test_labels_are_sorted_and_each_there_once() -> None:
    assert SPEC.labels == ("a", "b")


def test_a_specification_survives_the_file(tmp_path: Path) -> None:
    settings = Settings(epochs=3, limit=5, clip=0.0)
    pinned = {"threads": 2, "variables": {"MKL_DYNAMIC": "FALSE"}}
    changed = replace(SPEC, base="x/y", settings=settings, environment=pinned)
    changed = replace(changed, kind=RunKind.SEARCH, options={"trials": 7})
    spec.write(tmp_path, changed)
    assert spec.read(tmp_path) == changed
    assert [path.name for path in tmp_path.iterdir()] == ["spec.json"]


@pytest.mark.parametrize(
    ("said", "kind", "options"),
    [
        ({}, RunKind.TRAINING, {}),
        ({"trials": 0, "model": ""}, RunKind.TRAINING, {}),
        ({"trials": 7, "model": ""}, RunKind.SEARCH, {"trials": 7}),
        ({"trials": 0, "model": "/runs/1"}, RunKind.SUGGESTIONS, {}),
    ],
)
def test_what_an_earlier_version_was_asked_tells_the_kind(
    said: dict, kind: str, options: dict
) -> None:
    before = {k: v for k, v in spec.to_json(SPEC).items() if k not in ("kind", "options", "model")}
    found = spec.from_json({**before, **said})
    assert (found.kind, found.options, found.model) == (kind, options, said.get("model", ""))


def test_a_run_without_labels_or_for_another_task_is_refused() -> None:
    with pytest.raises(InputError, match="The project 'Ünïcode' has no labels"):
        replace(SPEC, labels=())
    with pytest.raises(InputError, match="Training for haiku is not available"):
        replace(SPEC, task="haiku")


def test_a_newer_or_broken_specification_is_refused(tmp_path: Path) -> None:
    good = spec.to_json(SPEC)
    with pytest.raises(InputError, match="has version 2, this Whetstone reads 1"):
        spec.from_json({**good, "version": 2})
    with pytest.raises(InputError, match="spec.json is broken"):
        spec.from_json({key: value for key, value in good.items() if key != "labels"})
    with pytest.raises(InputError, match=r"The file .*spec\.json is missing"):
        spec.read(tmp_path)
    (tmp_path / "spec.json").write_text("{")
    with pytest.raises(InputError, match=r"The file .*spec\.json cannot be read"):
        spec.read(tmp_path)


def test_the_file_names_every_setting() -> None:
    stored = json.loads(json.dumps(spec.to_json(SPEC)))["settings"]
    assert set(stored) == {field.name for field in fields(Settings)}
