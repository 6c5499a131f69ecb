"""A GLiNER folder says what GLiNER's own package (0.2.29) says of it, and runs no code.

``fixtures/gliner`` was made by that package: a tiny DeBERTa with random weights, and in
``said.json`` what ``predict_entities`` found in some texts.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.zero_shot import gliner
from engine.zero_shot.gliner import Gliner
from engine.zero_shot.prompts import Brief
from storage.errors import ModelError
from storage.types import Document, Label

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "gliner"
LABELS = tuple(map(Label, ("person", "place", "day")))
CPU = torch.device("cpu")


def said(folder: Path, texts: list[str], **values: Any) -> list[list[tuple]]:
    brief = Brief(LABELS, False, False, False, **values)
    documents = [Document(text, id=number) for number, text in enumerate(texts)]
    found = gliner.stream(folder, brief, documents, "cpu", lambda: None)
    return [[(s.start, s.end, s.label, s.score) for s in each.spans] for each in found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURE, tmp_path / "gliner"))


def change(folder: Path, **values: Any) -> None:
    path = folder / "gliner_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_it_says_what_its_own_package_says() -> None:
    told = json.loads((FIXTURE / "said.json").read_text())
    for found, wanted in zip(said(FIXTURE, told["texts"]), told["said"], strict=True):
        assert [each[:3] for each in found] == [tuple(each[:3]) for each in wanted]
        assert [each[3] for each in found] == pytest.approx([each[3] for each in wanted], abs=1e-4)


def test_long_texts_and_many_labels_are_read_in_parts_and_nothing_is_said_of_nothing(
    folder: Path,
) -> None:
    told = json.loads((FIXTURE / "said.json").read_text())
    long = "\n".join(told["texts"])
    (found,) = said(FIXTURE, [long])
    assert max(end for _, end, _, _ in found) > len(long) * 0.8
    assert all(0 <= start < end <= len(long) for start, end, _, _ in found)
    many = [Label(f"label {number}") for number in range(60)]
    change(folder, max_types=8)
    spans = Gliner(folder, CPU).find(told["texts"][0], many)
    assert len({span.label for span in spans}) > 25
    assert said(FIXTURE, ["", " \n "]) == [[], []]
    (all_of_them,) = said(FIXTURE, [told["texts"][0]], overlaps=True)
    assert len(all_of_them) > len(told["said"][0])


def test_a_short_description_is_what_the_model_is_asked_for() -> None:
    model, text = Gliner(FIXTURE, CPU), "Ada Lovelace went to Paris yesterday ."
    named = model.find(text, LABELS)
    described = [Label(f"L{n}", description=label.name) for n, label in enumerate(LABELS)]
    assert [s.score for s in model.find(text, described)] == [s.score for s in named]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"span_mode": "token_level"}, "span_mode 'token_level'"),
        ({"labels_encoder": "BAAI/bge"}, "labels_encoder 'BAAI/bge'"),
        ({"encoder_config": None}, "encoder_config of model_type None"),
        ({"encoder_config": {"model_type": "llama"}}, "encoder_config of model_type 'llama'"),
        ({"hidden_size": 14}, "cannot be loaded"),
        ({"class_token_index": "x"}, "cannot be loaded"),
    ],
)
def test_another_kind_of_model_is_refused_in_a_sentence(
    folder: Path, values: dict, words: str
) -> None:
    change(folder, **values)
    with pytest.raises(ModelError, match=words):
        Gliner(folder, CPU)


def test_what_could_run_code_is_never_opened(folder: Path) -> None:
    settings = json.loads((folder / "gliner_config.json").read_text())["encoder_config"]
    hostile = {"auto_map": {"AutoModel": "evil.Model"}, "_attn_implementation_internal": "a/b"}
    change(folder, encoder_config=settings | hostile)
    assert Gliner(folder, CPU).find("Paris .", LABELS) is not None
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelError, match="can run code"):
        Gliner(folder, CPU)
    (folder / "pytorch_model.bin").unlink()
    (folder / "model.safetensors").write_bytes(b"pickle")
    with pytest.raises(ModelError, match="cannot be loaded"):
        Gliner(folder, CPU)
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="no model.safetensors"):
        Gliner(folder, CPU)
