"""Base models are found and checked before anything is loaded."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine import bases
from engine.bases import Shape
from storage.errors import ModelError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    (tmp_path / "model.safetensors").write_bytes(b"x")
    return tmp_path


def test_the_bundled_model_is_found_and_is_the_one_expected() -> None:
    base = bases.check("bundled")
    assert base.title == "all-MiniLM-L6-v2"
    assert (base.folder / "config.json").is_file()


def test_checking_loads_neither_torch_nor_the_packages_own_code() -> None:
    script = (
        "import sys; from engine import bases; bases.check('bundled'); "
        "print(sorted({'torch', 'transformers', bases.BUNDLED_PACKAGE} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_folder_with_config_and_safetensors_is_taken(folder: Path) -> None:
    assert bases.check(str(folder)).folder == folder
    assert bases.fetch(f" {folder} ") == folder


@pytest.mark.parametrize(
    ("removed", "message"),
    [
        ("config.json", "holds no config.json; choose a model's folder."),
        ("model.safetensors", "has no safetensors weights, and others are never loaded"),
    ],
)
def test_a_folder_that_is_no_model_is_refused(folder: Path, removed: str, message: str) -> None:
    (folder / removed).unlink()
    (folder / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(ModelError, match=re.escape(message)):
        bases.check(str(folder))


def test_a_config_that_names_no_model_is_refused(folder: Path) -> None:
    (folder / "config.json").write_text("[]")
    with pytest.raises(ModelError, match="does not name a model_type"):
        bases.check(str(folder))


@pytest.mark.parametrize("base", ["/no/such/folder", "./nothing", "~/nothing-here"])
def test_a_folder_that_is_not_there_is_refused(base: str) -> None:
    with pytest.raises(ModelError, match="is not there; choose a folder that exists"):
        bases.check(base)


@pytest.mark.parametrize("base", ["", "a b", "a/b/c", "ä/b"])
def test_what_is_neither_folder_nor_name_is_refused(base: str) -> None:
    with pytest.raises(ModelError, match="is neither a folder nor a Hugging Face name"):
        bases.check(base)


def test_a_hub_name_without_network_is_one_clear_sentence() -> None:
    with pytest.raises(ModelError) as caught:
        bases.check("google-bert/bert-base-cased-not-cached")
    assert "choose 'bundled', a folder, or connect to the network." in str(caught.value)
    assert "cannot be reached" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_shape_of_a_base_model_is_read_or_guessed(folder: Path) -> None:
    assert bases.shape("bundled") == Shape(384, 6)
    assert bases.shape(str(folder)) == bases.shape("google-bert/not-cached") == Shape(768, 12)
    config = {"model_type": "distilbert", "dim": 512, "n_layers": 6}
    (folder / "config.json").write_text(json.dumps(config))
    assert bases.shape(str(folder)) == Shape(512, 6)


def test_a_hub_model_in_the_cache_needs_no_network(tmp_path: Path, folder: Path) -> None:
    commit = "0" * 40
    cache = tmp_path / "hub" / "models--tiny--bert"
    (cache / "refs").mkdir(parents=True)
    (cache / "refs" / "main").write_text(commit)
    (cache / "snapshots" / commit).mkdir(parents=True)
    for name in ("config.json", "model.safetensors"):
        (folder / name).rename(cache / "snapshots" / commit / name)
    script = "from engine import bases; print(bases.fetch('tiny/bert'))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(cache / "snapshots" / commit)


def test_damaged_bundled_weights_are_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = folder / "package"
    package.mkdir()
    (folder / "package" / "__init__.py").write_text("")
    (package / "model").mkdir()
    for name in ("config.json", "model.safetensors"):
        (folder / name).rename(package / "model" / name)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(bases, "BUNDLED_PACKAGE", "package")
    with pytest.raises(ModelError, match="weights .* are damaged .*; reinstall"):
        bases.check("bundled")
