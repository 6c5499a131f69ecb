"""Models without padding: they answer as transformers' own do, or are left to transformers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import DistilBertConfig, DistilBertForTokenClassification

from engine.configuration.settings import Settings
from engine.encoding.batches import collate
from engine.encoding.examples import Window
from engine.inference.flat.encoder import Flat, flatten, has_int8
from engine.inference.flat.products import Rounded, Whole
from engine.inference.predicting import logits
from engine.models import adapters, loading, token_types
from engine.models.kernels import lacking
from storage.types import Task

needs_int8 = pytest.mark.skipif(not has_int8(), reason="the processor has no VNNI")
LABELS = ("person", "place")
LENGTHS = 9, 9, 3, 14, 1, 3
# RoBERTa's kind does not count these among its positions, also where a text spells them out.
PADDING = 1


def cut(by_piece: bool, types: int = 1) -> list[Window]:
    """Windows of several lengths; those of one text may have token types."""
    found = []
    for number, length in enumerate(LENGTHS):
        pieces = tuple((5 * n + number) % 40 + 5 for n in range(length))
        pieces = (*pieces[:2], PADDING, *pieces[3:]) if number == 3 else pieces
        places = tuple(range(0, length, 2)) if by_piece else ()
        units = tuple(range(len(places) or 1))
        segments = tuple(n % types for n in range(length)) if types > 1 else ()
        found.append(Window(number, pieces, units, places, units, segments=segments))
    return found


def load(base: Path, task: str = Task.SPANS) -> loading.Loaded:
    torch.manual_seed(3)
    loaded = loading.load_base(base, LABELS, task=task)
    with torch.no_grad():
        for parameter in loaded.model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    loaded.model.eval()
    return loaded


def plainly(loaded: loading.Loaded, windows: list[Window]) -> torch.Tensor:
    batch = collate(windows, loaded.padding)
    with torch.inference_mode():
        found = logits(loaded.model, batch).flatten(0, -2)
    return found[torch.from_numpy(batch.answers())]


def flatly(flat: Flat | None, windows: list[Window]) -> torch.Tensor:
    assert flat
    with torch.inference_mode():
        return flat.answer(windows)


@pytest.mark.parametrize("task", [Task.SPANS, Task.CLASSES])
def test_a_flat_model_answers_as_the_model_does(any_base: Path, task: str) -> None:
    loaded = load(any_base, task)
    windows = cut(by_piece=task == Task.SPANS)
    assert torch.allclose(
        flatly(flatten(loaded.model), windows), plainly(loaded, windows), atol=2e-5
    )


def test_token_types_reach_it(bert: Path) -> None:
    loaded = load(bert)
    assert token_types.widen(loaded.model)
    with torch.no_grad():
        loaded.model.base_model.embeddings.token_type_embeddings.weight.normal_()
    windows = cut(by_piece=True, types=6)
    found = flatly(flatten(loaded.model), windows)
    assert torch.allclose(found, plainly(loaded, windows), atol=2e-5)
    bare = [replace(window, segments=()) for window in windows]
    assert not torch.allclose(found, flatly(flatten(loaded.model), bare), atol=1e-2)


@needs_int8
def test_in_int8_a_window_is_answered_alike_whatever_is_beside_it(bert: Path) -> None:
    loaded, windows = load(bert), cut(by_piece=True)
    flat = flatten(loaded.model, rounded=True)
    together, plain = flatly(flat, windows), plainly(loaded, windows)
    alone = torch.cat([flatly(flat, [window]) for window in windows])
    assert torch.allclose(together, alone, atol=1e-5)
    error = float((together - plain).norm() / plain.norm())
    assert 0 < error < 0.05


@needs_int8
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_a_product_in_int8_keeps_each_row_to_a_hundredth(scale: float) -> None:
    torch.manual_seed(5)
    layers = torch.nn.Linear(64, 48), torch.nn.Linear(64, 16)
    rows = torch.randn(5, 64) * torch.tensor([[scale], [1.0], [0.0], [7.0], [scale]])
    with torch.inference_mode():
        whole, rounded = Whole(*layers), Rounded(*layers)
        bias = torch.cat([layer.bias for layer in layers])
        expected = torch.cat([layer(rows) for layer in layers], dim=1)
        assert torch.allclose(whole(rows), expected, rtol=1e-4, atol=1e-5)
        assert torch.allclose(whole.gelu(rows), torch.nn.functional.gelu(expected), atol=1e-3)
        off = (rounded(rows) - expected).norm(dim=1) / ((expected - bias).norm(dim=1) + 1e-9)
    assert float(off.max()) < 0.02


@pytest.mark.long
def test_adapters_and_other_kinds_are_left_to_transformers(bert: Path) -> None:
    sizes = {"dim": 16, "hidden_dim": 32, "n_layers": 1, "n_heads": 2, "vocab_size": 60}
    other = DistilBertForTokenClassification(DistilBertConfig(**sizes)).eval()
    assert flatten(other) is None
    adapted: Any = adapters.wrap(load(bert).model, Settings(peft="lora"), 1)
    assert flatten(adapted.eval()) is None


def test_a_model_that_would_answer_otherwise_is_left_to_transformers(bert: Path) -> None:
    model: Any = load(bert).model
    assert flatten(model)
    model.base_model.encoder.layer[0].intermediate.intermediate_act_fn = torch.nn.ReLU()
    assert flatten(model) is None


def test_there_are_few_numbers_of_rows_and_few_rows_in_vain():
    sizes = {count: count + lacking(count) for count in range(1, 4097)}
    assert len(set(sizes.values())) <= 64
    assert all(count <= size < count + max(16, count / 7) for count, size in sizes.items())
