"""What a run may be asked, and that spec.json brings it back unchanged."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import spec
from engine.settings import Settings
from engine.spec import RunSpec
from storage.errors import InputError
from storage.types import Task

SPEC = RunSpec(run=7, project_id=3, project_name="Ünïcode", labels=("b", "a", "b"), attempt=2)


def test_labels_are_sorted_and_each_there_once() -> None:
    assert SPEC.labels == ("a", "b")


def test_a_specification_survives_the_file(tmp_path: Path) -> None:
    changed = replace(SPEC, base="x/y", settings=Settings(epochs=3, limit=5, clip=0.0))
    spec.write(tmp_path, changed)
    assert spec.read(tmp_path) == changed
    assert [path.name for path in tmp_path.iterdir()] == ["spec.json"]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("epochs", 0, "The setting 'epochs' is 0; choose a whole number from 1 to 1000."),
        ("epochs", 2.5, "The setting 'epochs' is 2.5; choose a whole number"),
        ("batch_size", True, "The setting 'batch size' is True; choose a whole number"),
        (
            "learning_rate",
            0,
            "The setting 'learning rate' is 0; choose a number from 1e-08",
        ),
        ("learning_rate", float("nan"), "The setting 'learning rate' is nan; choose a number"),
        ("warmup", "x", "The setting 'warmup' is 'x'; choose a number from 0.0 to 1.0."),
        ("limit", 0, "The setting 'limit' is 0; choose a whole number from 1"),
        ("device", "tpu", "The device 'tpu' is unknown; choose auto, cpu or cuda."),
        ("stride", 65, "The stride of 65 is too large for windows of 128; choose at most 64."),
    ],
)
def test_a_bad_setting_is_refused_with_its_remedy(name: str, value: object, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        Settings(**{name: value})


def test_given_settings_are_laid_over_others() -> None:
    base = Settings(epochs=4, seed=1)
    assert spec.settings_from({"seed": 2}, base) == replace(base, seed=2)
    with pytest.raises(InputError, match="The setting 'speed' is unknown"):
        spec.settings_from({"speed": 2})


def test_a_run_without_labels_or_for_another_task_is_refused() -> None:
    with pytest.raises(InputError, match="The project 'Ünïcode' has no labels"):
        replace(SPEC, labels=())
    with pytest.raises(InputError, match="Training for classes is not available"):
        replace(SPEC, task=Task.CLASSES)


def test_a_newer_or_broken_specification_is_refused(tmp_path: Path) -> None:
    good = spec.to_json(SPEC)
    with pytest.raises(InputError, match="has version 2, this Whetstone reads 1"):
        spec.from_json({**good, "version": 2})
    with pytest.raises(InputError, match="spec.json is broken"):
        spec.from_json({key: value for key, value in good.items() if key != "labels"})
    with pytest.raises(InputError, match="is not there; name a run's folder"):
        spec.read(tmp_path)
    (tmp_path / "spec.json").write_text("{")
    with pytest.raises(InputError, match="is not JSON"):
        spec.read(tmp_path)


def test_the_file_names_every_setting() -> None:
    stored = json.loads(json.dumps(spec.to_json(SPEC)))["settings"]
    assert set(stored) == {field.name for field in fields(Settings)}


@given(
    documents=st.integers(0, 10**6),
    words=st.integers(0, 10**8),
    device=st.sampled_from(spec.DEVICES),
)
def test_suggestions_are_valid_for_any_amount_of_data(
    documents: int, words: int, device: str
) -> None:
    assert isinstance(spec.suggest(documents, words, device), Settings)


def test_more_data_gets_fewer_epochs() -> None:
    sizes = (20, 250, 2_000, 15_000, 100_000)
    epochs = [spec.suggest(size, size * 20).epochs for size in sizes]
    assert epochs == sorted(epochs, reverse=True)
    assert epochs[0] > epochs[-1]


@pytest.mark.parametrize(("width", "rate"), [(384, 5e-4), (768, 5e-5), (1024, 2e-5)])
def test_a_wide_model_gets_small_steps(width: int, rate: float) -> None:
    assert spec.suggest(250, 5000, width=width).learning_rate == rate


def test_few_documents_still_make_several_steps_an_epoch() -> None:
    assert spec.suggest(10, 150).batch_size == 4
    assert spec.suggest(350, 5000).batch_size == 16
    assert spec.suggest(200, 8400).batch_size == 8


def test_at_least_one_core_is_counted() -> None:
    assert spec.cores() >= 1
