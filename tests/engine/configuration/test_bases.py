"""Base models are found and checked before anything is loaded."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.configuration import bases
from engine.configuration.bases import Shape
from storage.errors import ModelError
from tests.engine import tiny


@pytest.fixture
def folder(bert: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bert, tmp_path / "model"))


def test_the_bundled_model_is_found_and_is_the_one_expected() -> None:
    base = bases.check("bundled")
    assert base.title == "all-MiniLM-L6-v2"
    assert (base.folder / "config.json").is_file()


def test_checking_loads_neither_torch_nor_the_packages_own_code() -> None:
    script = (
        "import sys; from engine.configuration import bases; bases.check('bundled'); "
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
    with pytest.raises(ModelError, match=re.escape(message)):
        bases.check(str(folder))


def rewrite(folder: Path, name: str, **values: object) -> None:
    """Change what a JSON file says; None takes it away."""
    known = json.loads((folder / name).read_text()) | values
    kept = {key: value for key, value in known.items() if value is not None}
    (folder / name).write_text(json.dumps(kept))


def config(**values: object) -> Callable[[Path], object]:
    return lambda folder: rewrite(folder, "config.json", **values)


def writes(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(text)


def remove_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").unlink()


def cut_weights(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[:-100])


def take_anothers_tokenizer(folder: Path) -> None:
    vocabulary = {f"piece{number}": number for number in range(5000)} | {"[UNK]": 5000}
    own = json.loads((folder / "tokenizer.json").read_text())
    own["model"]["vocab"] |= {piece: id for piece, id in vocabulary.items() if id > 300}
    (folder / "tokenizer.json").write_text(json.dumps(own))


def forget_all_pieces(folder: Path) -> None:
    own = json.loads((folder / "tokenizer.json").read_text())
    special = {token["content"]: token["id"] for token in own["added_tokens"]}
    own["model"]["vocab"] = special
    (folder / "tokenizer.json").write_text(json.dumps(own))


ODD = {
    "not JSON": (writes("config.json", "{"), "config.json cannot be read"),
    "not UTF-8": (lambda f: (f / "config.json").write_bytes(b"\xff"), "config.json cannot be read"),
    "nested": (writes("config.json", "[" * 100_000), "config.json cannot be read"),
    "a list": (writes("config.json", "[]"), "does not name a model_type"),
    "no kind": (config(model_type=None), "does not name a model_type"),
    "a number": (config(model_type=5), "does not name a model_type"),
    "unknown kind": (config(model_type="unheard-of"), "which cannot label words"),
    "no words": (config(model_type="vit"), "which cannot label words"),
    "no vocabulary": (config(vocab_size=None), "does not say the model's vocab_size"),
    "no width": (config(hidden_size=None), "does not say the model's hidden_size"),
    "no depth": (config(num_hidden_layers=None), "does not say the model's num_hidden_layers"),
    "a text": (config(hidden_size="wide"), "does not say the model's hidden_size"),
    "negative": (config(vocab_size=-1), "does not say the model's vocab_size"),
    "other width": (config(hidden_size=64), "are of different models"),
    "other vocabulary": (config(vocab_size=30522), "are of different models"),
    "cut weights": (cut_weights, "are damaged (it was cut off); fetch the model again"),
    "no weights": (writes("model.safetensors", "x"), "are damaged"),
    "no tokenizer": (remove_tokenizer, "has no tokenizer"),
    "broken tokenizer": (writes("tokenizer.json", "{}"), "tokenizer.json cannot be read"),
    "another's tokenizer": (take_anothers_tokenizer, "it is another model's"),
    "no pieces": (forget_all_pieces, "knows no pieces of words"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_folder_is_refused_in_a_sentence_before_anything_starts(
    folder: Path, name: str
) -> None:
    damage, words = ODD[name]
    damage(folder)
    with pytest.raises(ModelError, match=re.escape(words)) as caught:
        bases.check(str(folder))
    assert "\n" not in str(caught.value)
    assert bases.shape(str(folder))


@pytest.mark.parametrize("kind", sorted(tiny.KINDS))
def test_a_folder_of_every_kind_of_tokenizer_is_taken(kind: str, tmp_path: Path) -> None:
    assert bases.check(str(tiny.save_base(tmp_path, kind))).folder == tmp_path


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
    assert bases.shape(str(folder)) == Shape(32, 2)
    assert bases.shape("google-bert/not-cached") == Shape(768, 12)
    config = {"model_type": "distilbert", "dim": 512, "n_layers": 6}
    (folder / "config.json").write_text(json.dumps(config))
    assert bases.shape(str(folder)) == Shape(512, 6)


def test_a_hub_model_in_the_cache_needs_no_network(tmp_path: Path, folder: Path) -> None:
    commit = "0" * 40
    cache = tmp_path / "hub" / "models--tiny--bert"
    (cache / "refs").mkdir(parents=True)
    (cache / "refs" / "main").write_text(commit)
    (cache / "snapshots" / commit).mkdir(parents=True)
    for file in folder.iterdir():
        shutil.copy(file, cache / "snapshots" / commit)
    script = "from engine.configuration import bases; print(bases.fetch('tiny/bert'))"
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
