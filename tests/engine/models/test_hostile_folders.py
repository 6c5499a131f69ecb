"""A model's folder that would run code, or ask a network, is refused in one sentence."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.configuration import bases
from engine.models import loading
from storage.errors import ModelError

MARK = "code-ran"
EVIL = f"import pathlib; pathlib.Path(__file__).with_name({MARK!r}).touch()\n"


class Program:
    """What a pickle can hold: a call that is made when it is opened."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable, tuple]:
        return (os.mknod, (str(self.mark),))


@pytest.fixture
def folder(bert: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bert, tmp_path / "model"))


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every try to reach another machine is noted, and fails."""
    asked: list[object] = []

    def refuse(_self: socket.socket, address: object) -> None:
        asked.append(address)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return asked


def says(file: str = "config.json", **values: object) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        path = folder / file
        known = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps(known | values))
        (folder / "evil.py").write_text(EVIL)

    return put


def holds_pickle(name: str) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(pickle.dumps(Program(folder / MARK)))

    return put


def indexes(name: str) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        (folder / "model.safetensors").rename(folder / "part.safetensors")
        (folder.parent / "outside.safetensors").write_bytes(b"x")
        holds_pickle("part.bin")(folder)
        index = {"metadata": {}, "weight_map": {"bert.embeddings.word_embeddings.weight": name}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))

    return put


def weights(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        path = folder / "model.safetensors"
        path.write_bytes(change(path.read_bytes()))

    return put


def overlapping(data: bytes) -> bytes:
    """All tensors at one place: a small file that becomes a large model (safetensors/attacks)."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    for name in list(header)[1:]:
        header[name]["data_offsets"][0] = 0
    raw = json.dumps(header).encode()
    return struct.pack("<Q", len(raw)) + raw + data[8 + length :]


CONFIG = {
    "auto_map": says(auto_map={"AutoModelForTokenClassification": "evil.Model"}),
    "auto_map of a tokenizer": says(
        "tokenizer_config.json", auto_map={"AutoTokenizer": ["evil.T", None]}
    ),
    "auto_map below": says(text_config={"auto_map": {"AutoConfig": "evil.Config"}}),
    "remote code": says(trust_remote_code=True),
    "attention": says(_attn_implementation_internal="evil/kernel"),
    "attention by its plain name": says(attn_implementation="evil/kernel"),
    "attention below": says(sub=[{"_attn_implementation_internal": "evil/kernel"}]),
    "a method": says(__class__="evil"),
    "quantised": says(quantization_config={"quant_method": "evil"}),
    "an adapter": says("adapter_config.json", base_model_name_or_path="evil/model"),
    "an index out of the folder": indexes("../outside.safetensors"),
    "an index to a pickle": indexes("part.bin"),
    "an absolute index": indexes("/etc/passwd"),
    # The library in Rust breaks off, with what is no Exception.
    "a tokenizer that breaks off": says(
        "tokenizer.json", normalizer={"type": "Precompiled", "precompiled_charsmap": ""}
    ),
}


def replaces(*rules: tuple[dict[str, str], str]) -> Callable[[Path], None]:
    """A tokenizer whose normalizer writes this for what it finds, one after the other."""
    made = [{"type": "Replace", "pattern": pattern, "content": text} for pattern, text in rules]
    return says("tokenizer.json", normalizer={"type": "Sequence", "normalizers": made})


MULTIPLIES = {
    "one sign to thousands": replaces(({"String": "a"}, "ab" * 5_000)),
    "by an expression": replaces(({"Regex": "[a-z]"}, "ab" * 5_000)),
    "a little, again and again": replaces(*[({"String": "a"}, "a" * 60)] * 6),
    "between all signs": replaces(*[({"Regex": ""}, "ab")] * 20),
    "a word": replaces(*[({"String": "the"}, "the" * 20)] * 6),
}
WEIGHTS = {
    "cut": weights(lambda data: data[:-100]),
    "cut within its header": weights(lambda data: data[:40]),
    "a header of 2 GB": weights(lambda data: struct.pack("<Q", 2 << 30) + data[8:]),
    "a header of 2^64 bytes": weights(lambda data: b"\xff" * 8 + data[8:]),
    "overlapping": weights(overlapping),
    "a pickle under that name": weights(lambda _: pickle.dumps({"a": 1})),
}
PICKLES = {
    name: holds_pickle(name)
    for name in ("pytorch_model.bin", "optimizer.pt", "a.PKL", "nested/training_args.bin")
}


@pytest.mark.parametrize("name", [*CONFIG, *MULTIPLIES, *WEIGHTS, *PICKLES])
def test_a_folder_that_somebody_names_is_refused(folder: Path, network: list, name: str) -> None:
    (CONFIG | MULTIPLIES | WEIGHTS | PICKLES)[name](folder)
    with pytest.raises(ModelError) as caught:
        bases.check(str(folder))
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (folder / MARK).exists()
    assert not network


@pytest.mark.parametrize("name", [*CONFIG, *MULTIPLIES, *WEIGHTS])
def test_no_loading_of_it_runs_code_or_asks_a_network(
    folder: Path, network: list, name: str
) -> None:
    """The second wall: what a trained model's folder holds may have come with an archive."""
    (CONFIG | MULTIPLIES | WEIGHTS)[name](folder)
    with pytest.raises(ModelError):
        loading.load_base(folder, ("person",))
    assert not (folder / MARK).exists()
    assert not network


def test_what_a_base_model_has_of_notes_and_settings_is_let_in(folder: Path) -> None:
    says(_name_or_path="x", gradient_checkpointing=False, directionality="bidi")(folder)
    says("tokenizer_config.json", added_tokens_decoder={"0": {"content": "[PAD]"}})(folder)
    assert bases.check(str(folder)).folder == folder
    assert loading.load_base(folder, ("person",)).longest > 0


def test_what_tokenizers_do_to_texts_of_their_own_accord_is_let_in(folder: Path) -> None:
    told = [
        *({"type": kind} for kind in ("NFKD", "NFKC", "StripAccents", "ByteLevel")),
        *({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"} for _ in range(14)),
        {"type": "Replace", "pattern": {"String": "…"}, "content": "..."},
        {"type": "Prepend", "prepend": "▁"},
    ]
    says("tokenizer.json", normalizer={"type": "Sequence", "normalizers": told})(folder)
    assert bases.check(str(folder)).folder == folder
