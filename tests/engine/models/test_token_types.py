"""Token types as words' shapes: widened in place, told by the tokenizer's settings, plain BERT."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import (
    AutoModelForTokenClassification,
    BertForTokenClassification,
    DistilBertConfig,
    DistilBertForTokenClassification,
    RobertaConfig,
    RobertaForTokenClassification,
)

from engine.configuration import bases
from engine.configuration.settings import KNOWN, LEARNED, Settings
from engine.encoding.batches import collate
from engine.encoding.shapes import CAPITALISED, OTHER, RULE, SHAPES
from engine.inference.predicting import logits
from engine.models import loading, token_types
from engine.models.loading import Loaded
from engine.training import optimizer
from storage.errors import ModelError
from tests.engine import tiny

LABELS = ("person", "place")
TEXT = "Ada Lovelace went to PARIS in 1815 ."
CONFIG, TOLD = "config.json", "tokenizer_config.json"


def load(folder: Path, word_shapes: str = "learned", task: str = "spans") -> Loaded:
    torch.manual_seed(0)
    loaded = loading.load_base(folder, LABELS, 0.0, task, word_shapes)
    loaded.model.eval()
    return loaded


def say(loaded: Loaded, text: str) -> torch.Tensor:
    encoded = loaded.head.encode([tiny.document(text)], loaded.pieces, LABELS, 48, 16)
    with torch.inference_mode():
        return logits(loaded.model, collate(encoded, loaded.padding))


def learned(bert: Path, folder: Path) -> Loaded:
    """Save a model whose shapes differ, as after a training."""
    loaded = load(bert)
    with torch.no_grad():
        types = loaded.model.bert.embeddings.token_type_embeddings.weight
        types.add_(torch.randn(types.shape, generator=torch.Generator().manual_seed(1)))
    loading.save(loaded, folder)
    return loaded


def test_at_first_a_model_with_shapes_says_what_it_said_without(bert: Path) -> None:
    shaped, plain = load(bert), load(bert, word_shapes="")
    assert (shaped.pieces.shapes, plain.pieces.shapes) == (True, False)
    assert shaped.model.config.type_vocab_size == len(SHAPES)
    assert plain.model.config.type_vocab_size == 2
    assert torch.allclose(say(shaped, TEXT), say(plain, TEXT), atol=1e-6)


def test_a_saved_model_is_a_plain_bert_whose_tokenizer_tells_what_its_types_mean(
    bert: Path, tmp_path: Path
) -> None:
    loaded = learned(bert, tmp_path)
    assert json.loads((tmp_path / TOLD).read_text())[RULE] == list(SHAPES)
    theirs = AutoModelForTokenClassification.from_pretrained(tmp_path).eval()
    assert type(theirs) is BertForTokenClassification
    again, _ = loading.load_trained(tmp_path)
    again.model.eval()
    assert torch.equal(say(again, TEXT), say(loaded, TEXT))
    (window,) = loaded.head.encode([tiny.document(TEXT)], loaded.pieces, LABELS, 48, 16)
    given = (torch.tensor([numbers]) for numbers in (window.pieces, window.segments))
    pieces, types = given
    with torch.inference_mode():
        plain = theirs(pieces, token_type_ids=types).logits
    assert torch.allclose(plain, say(again, TEXT), atol=1e-6)


def test_what_it_says_depends_on_case_and_without_shapes_never(bert: Path, tmp_path: Path) -> None:
    loaded, plain = learned(bert, tmp_path), load(bert, word_shapes="")
    assert not torch.equal(say(loaded, TEXT), say(loaded, TEXT.lower()))
    assert torch.equal(say(plain, TEXT), say(plain, TEXT.lower()))


def test_a_model_with_shapes_is_a_base_that_keeps_them(bert: Path, tmp_path: Path) -> None:
    kept = learned(bert, tmp_path).model.bert.embeddings.token_type_embeddings.weight
    for asked in ("known", "learned", ""):
        again = load(tmp_path, word_shapes=asked)
        assert again.pieces.shapes
        assert torch.equal(again.model.bert.embeddings.token_type_embeddings.weight, kept)


def test_known_shapes_are_the_bundled_encoders_and_others_learn_theirs(bert: Path) -> None:
    bundled = load(bases.fetch(bases.BUNDLED), word_shapes=KNOWN)
    types = bundled.model.bert.embeddings.token_type_embeddings.weight
    known = load_file(token_types.SHAPES_FILE)
    assert bundled.word_shapes == KNOWN and torch.equal(types, known["rows"])
    assert not torch.equal(types[CAPITALISED], types[OTHER])
    assert load(bert, word_shapes=KNOWN).word_shapes == LEARNED


def test_a_head_of_whole_texts_reads_no_shapes_and_does_not_say_so(
    bert: Path, tmp_path: Path
) -> None:
    learned(bert, tmp_path / "base")
    for folder, name in ((bert, "new"), (tmp_path / "base", "on")):
        loaded = load(folder, task="classes")
        assert not loaded.pieces.shapes
        loading.save(loaded, tmp_path / name)
        assert RULE not in json.loads((tmp_path / name / TOLD).read_text())


SIZES = {"vocab_size": 90, "num_hidden_layers": 1, "num_attention_heads": 2}


@pytest.mark.parametrize(
    "model",
    [
        RobertaForTokenClassification(RobertaConfig(type_vocab_size=1, hidden_size=32, **SIZES)),
        DistilBertForTokenClassification(DistilBertConfig(dim=32, **SIZES)),
    ],
)
def test_a_model_without_token_types_stays_as_it_is(model: torch.nn.Module) -> None:
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert not token_types.widen(model)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("kind", ["bytelevel", "unigram"])
def test_a_vocabulary_with_case_gets_no_shapes(tmp_path: Path, kind: str) -> None:
    base = tiny.save_base(tmp_path / "base", kind)
    loaded = load(base)
    assert not loaded.pieces.shapes
    assert loaded.model.config.type_vocab_size == 2


def test_a_cased_model_stays_as_it_is(bert: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(bert, tmp_path / "cased"))
    settings = json.loads((folder / "tokenizer.json").read_text())
    settings["normalizer"]["lowercase"] = False
    Tokenizer.from_str(json.dumps(settings)).save(str(folder / "tokenizer.json"))
    loaded = load(folder)
    assert not loaded.pieces.shapes
    assert loaded.model.config.type_vocab_size == 2


@pytest.mark.parametrize("rule", [["other"], "all", [*SHAPES[:5], "new"], 6, {}])
def test_shapes_that_this_version_does_not_know_are_refused(
    bert: Path, tmp_path: Path, rule: object
) -> None:
    learned(bert, tmp_path)
    told = json.loads((tmp_path / TOLD).read_text())
    (tmp_path / TOLD).write_text(json.dumps(told | {RULE: rule}))
    with pytest.raises(ModelError, match="take a newer version of Whetstone"):
        loading.load_trained(tmp_path)


def test_a_rule_beside_a_model_with_too_few_types_is_refused(bert: Path, tmp_path: Path) -> None:
    loading.save(load(bert, word_shapes=""), tmp_path)
    told = json.loads((tmp_path / TOLD).read_text())
    (tmp_path / TOLD).write_text(json.dumps(told | {RULE: list(SHAPES)}))
    with pytest.raises(ModelError, match="take a newer version of Whetstone"):
        loading.load_trained(tmp_path)


@pytest.mark.parametrize(("rate", "times"), [(2e-5, 10.0), (1e-4, 5.0), (5e-4, 1.0), (1e-2, 1.0)])
def test_shapes_learn_faster_than_a_slow_encoder(bert: Path, rate: float, times: float) -> None:
    model = load(bert).model
    types = model.bert.embeddings.token_type_embeddings.weight
    for asked, share in (("learned", times), ("", 1.0)):
        made = optimizer.make(model, Settings(word_shapes=asked, learning_rate=rate))
        (found,) = [
            group["share"]
            for group in made.param_groups
            if any(parameter is types for parameter in group["params"])
        ]
        assert found == pytest.approx(share)
