"""A model of whole texts answers from the mean over its pieces, wherever it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, DistilBertConfig

from engine.models import loading, pooling
from storage.types import Task
from tests.engine import tiny

PIECES = torch.tensor([[2, 9, 10, 11, 3], [2, 12, 3, 0, 0]])
MASK = (PIECES > 0).long()


@pytest.mark.parametrize("kind", ["wordpiece", "bytelevel"])
def test_what_is_saved_answers_alike_in_plain_transformers(kind: str, tmp_path: Path) -> None:
    base = tiny.save_base(tmp_path / "base", kind)
    plain = loading.load_base(base, ["a", "b", "c"])
    loaded = loading.load_base(base, ["a", "b", "c"], task=Task.CLASSES)
    layers = loaded.model.config.num_hidden_layers
    assert layers == plain.model.config.num_hidden_layers + 1
    loading.save(loaded, tmp_path / "saved")
    other = AutoModelForSequenceClassification.from_pretrained(tmp_path / "saved").eval()
    with torch.no_grad():
        asked = {"input_ids": PIECES, "attention_mask": MASK}
        assert torch.equal(other(**asked).logits, loaded.model.eval()(**asked).logits)


def test_the_head_reads_the_mean_over_the_pieces_without_padding(tmp_path: Path) -> None:
    base = tiny.save_base(tmp_path / "base")
    model = loading.load_base(base, ["a", "b"], task=Task.CLASSES).model.eval()
    with torch.no_grad():
        states = model.base_model(
            input_ids=PIECES, attention_mask=MASK, output_hidden_states=True
        ).hidden_states
    below, above = states[-2], states[-1][:, 0]
    mean = torch.stack([below[0].mean(0), below[1, :3].mean(0)])
    wanted = torch.nn.functional.layer_norm(mean, mean.shape[-1:])
    assert torch.allclose(above, wanted, atol=0.2)
    assert torch.nn.functional.cosine_similarity(above, wanted).min() > 0.999


def test_a_model_of_another_make_stays_as_it_is() -> None:
    config = DistilBertConfig(vocab_size=20, dim=8, n_layers=1, n_heads=2, hidden_dim=8)
    model = AutoModelForSequenceClassification.from_config(config)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    assert not pooling.average(model)
    after = model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
