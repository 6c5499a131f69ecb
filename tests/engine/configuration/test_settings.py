"""Every setting is checked when it is made, and can be read from what a person types."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, cast

import pytest

from engine.configuration.settings import Settings, knobs, read_value, settings_from
from storage.errors import InputError


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("epochs", -1, "The setting 'epochs' is -1; choose a whole number from 0 to 1000."),
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
        ("device", "tpu", "The device 'tpu' is unknown; choose from auto, cpu, cuda."),
        ("stride", 65, "The stride of 65 is too large for windows of 128; choose at most 64."),
    ],
)
def test_a_bad_setting_is_refused_with_its_remedy(name: str, value: Any, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        Settings(**{name: value})


def test_given_settings_are_laid_over_others() -> None:
    base = Settings(epochs=4, seed=1)
    assert settings_from({"seed": 2}, base) == replace(base, seed=2)
    with pytest.raises(InputError, match="The setting 'speed' is unknown"):
        settings_from({"speed": 2})


@pytest.mark.parametrize("name", knobs())
def test_every_setting_says_its_range_and_keeps_to_it(name: str) -> None:
    known = knobs()[name].metadata
    if known["kind"] is str and known["options"] is None:
        with pytest.raises(InputError, match="write words of letters and digits"):
            replace(Settings(), **{name: cast(Any, "two words; one more")})
        assert getattr(replace(Settings(), **{name: cast(Any, "gpu, big-2")}), name)
        return
    if known["kind"] is str:
        with pytest.raises(InputError, match="is unknown; choose from"):
            replace(Settings(), **{name: cast(Any, "nonsense")})
        return
    with pytest.raises(InputError, match=re.escape(f"from {known['low']} to {known['high']}")):
        Settings(**{name: known["high"] + known["kind"](1)})


def test_the_recipes_name_is_no_knob() -> None:
    assert "recipe" not in knobs()
    assert "epochs" in knobs()


def test_adapters_and_frozen_layers_exclude_each_other() -> None:
    with pytest.raises(InputError, match="choose them or frozen layers, not both"):
        Settings(peft="lora", frozen_layers=2)


def test_adapters_and_word_shapes_exclude_each_other() -> None:
    with pytest.raises(InputError, match="choose one of them"):
        Settings(peft="adalora", word_shapes="learned")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("clip", "0.5", 0.5),
        ("learning_rate", "3e-4", 3e-4),
        ("epochs", "7", 7),
        ("dropout", "none", None),
        ("limit", "", None),
        ("peft", "lora", "lora"),
        ("peft", "none", ""),
    ],
)
def test_a_setting_is_read_from_text(name: str, text: str, value: object) -> None:
    assert read_value(name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("epochs", "2.5", "The setting 'epochs' is '2.5'; give a whole number."),
        ("learning_rate", "fast", "The setting 'learning rate' is 'fast'; give a number."),
        ("epochs", "none", "The setting 'epochs' is 'none'; give a whole number."),
        ("speed", "2", "The setting 'speed' is unknown; choose from ["),
        ("recipe", "best", "The setting 'recipe' is unknown; choose from ["),
    ],
)
def test_text_that_is_no_value_is_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        read_value(name, text)
