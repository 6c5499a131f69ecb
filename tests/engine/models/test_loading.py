"""Models: a fresh head on a base, saved so that transformers reads the very same thing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer

from engine.encoding.batches import collate
from engine.inference.predicting import logits
from engine.models import loading
from engine.tasks.spans.tagging.encoding import encode
from storage.errors import InputError, ModelError
from tests.engine import tiny

LABELS = ("person", "place")


def load(base: Path, seed: int = 0) -> loading.Loaded:
    torch.manual_seed(seed)
    return loading.load_base(base, LABELS)


def test_the_head_has_a_tag_for_each_border_of_each_label(any_base: Path) -> None:
    config = load(any_base).model.config
    assert [config.id2label[i] for i in range(config.num_labels)] == [
        "O",
        "B-person",
        "I-person",
        "B-place",
        "I-place",
    ]


def test_the_seed_fixes_the_head(bert: Path) -> None:
    heads = [load(bert, seed).model.classifier.weight for seed in (1, 1, 2)]
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])


def test_a_saved_model_is_read_by_transformers_with_the_same_pieces_and_logits(
    any_base: Path, tmp_path: Path
) -> None:
    loaded = load(any_base)
    loading.save(loaded, tmp_path)
    loaded.model.eval()
    theirs = AutoModelForTokenClassification.from_pretrained(tmp_path).eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    for text in ("Ada Lovelace went to Paris .", "Ulm Ulm"):
        (window,) = encode([tiny.document(text)], loaded.pieces, LABELS, 48, 16)
        inputs = tokenizer(text, return_tensors="pt", truncation=False, padding=False)
        assert inputs["input_ids"][0].tolist() == list(window.pieces)
        with torch.inference_mode():
            mine = logits(loaded.model, collate([window], loaded.padding))
            given = theirs(inputs["input_ids"], attention_mask=inputs["attention_mask"]).logits
        assert torch.allclose(mine, given, atol=1e-6)


def test_a_trained_model_is_loaded_with_its_labels(bert: Path, tmp_path: Path) -> None:
    loaded = load(bert)
    loading.save(loaded, tmp_path)
    again, labels = loading.load_trained(tmp_path)
    assert labels == list(LABELS)
    for name, value in loaded.model.state_dict().items():
        assert torch.equal(value, again.model.state_dict()[name])


def test_a_model_with_another_kind_of_head_is_refused(bert: Path, tmp_path: Path) -> None:
    loading.save(load(bert), tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config["id2label"] = {str(i): f"LABEL_{i}" for i in range(5)}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="is not one for spans; train it again"):
        loading.load_trained(tmp_path)


def test_a_trained_model_is_a_base_for_other_labels(bert: Path, tmp_path: Path) -> None:
    loading.save(load(bert), tmp_path)
    assert loading.load_base(tmp_path, ["x"]).model.config.num_labels == 3


def test_weights_that_cannot_be_read_are_one_clear_sentence(bert: Path, tmp_path: Path) -> None:
    shutil.copytree(bert, tmp_path, dirs_exist_ok=True)
    (tmp_path / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(ModelError, match="cannot be loaded .*; choose another base model") as error:
        load(tmp_path)
    assert "\n" not in str(error.value)


def test_a_gpu_that_is_not_there_is_refused() -> None:
    if torch.cuda.is_available():
        assert loading.choose_device("cuda").type == loading.choose_device("auto").type == "cuda"
    else:
        assert loading.choose_device("auto").type == "cpu"
        with pytest.raises(InputError, match="There is no CUDA GPU here"):
            loading.choose_device("cuda")
    assert loading.choose_device("cpu").type == "cpu"


def odd(folder: Path, **config: object) -> Path:
    known = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(known | config))
    return folder


@pytest.mark.parametrize(
    "config",
    [{"num_hidden_layers": 3}, {"intermediate_size": 128}, {"max_position_embeddings": 512}],
)
def test_weights_that_transformers_would_make_up_are_refused(
    bert: Path, tmp_path: Path, config: dict
) -> None:
    folder = odd(Path(shutil.copytree(bert, tmp_path / "odd")), **config)
    with pytest.raises(ModelError, match="do not fit its config.json"):
        loading.load_base(folder, LABELS)


@pytest.mark.parametrize("config", [{"num_attention_heads": "two"}, {"hidden_act": "none"}])
def test_whatever_transformers_raises_is_one_sentence(
    bert: Path, tmp_path: Path, config: dict
) -> None:
    folder = odd(Path(shutil.copytree(bert, tmp_path / "odd")), **config)
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        loading.load_base(folder, LABELS)
    assert "\n" not in str(caught.value)


def test_a_tokenizer_that_transformers_would_make_up_is_refused(bert: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(bert, tmp_path / "odd"))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    with pytest.raises(ModelError, match="knows no pieces of words"):
        loading.load_base(folder, LABELS)
