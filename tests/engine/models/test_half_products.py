"""Products in bf16: as good as float32's to bf16's digits, only where something learns."""

from __future__ import annotations

import pytest
import torch

from engine.models import half_products
from engine.models.half_products import HALF, NAME, WHOLE, halved
from storage.types import Task

CPU = torch.device("cpu")


def build() -> torch.nn.Sequential:
    torch.manual_seed(3)
    large = torch.nn.Linear(64, 96), torch.nn.GELU(), torch.nn.Linear(96, 64, bias=False)
    return torch.nn.Sequential(*large, torch.nn.Linear(64, 5))


def differentiate(model: torch.nn.Module) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Return what comes out, and all gradients, the input's first."""
    given = torch.randn(3, 7, 64, generator=torch.Generator().manual_seed(4), requires_grad=True)
    model.zero_grad()
    found = model(given)
    found.square().sum().backward()
    asked = [given, *model.parameters()]
    return found.detach(), [each.grad.clone() for each in asked if each.grad is not None]


def off(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).norm() / other.norm())


def test_answers_and_gradients_are_float32s_to_the_digits_of_bf16() -> None:
    model = build()
    plain, gradients = differentiate(model)
    with halved(model):
        found, others = differentiate(model)
    assert 0 < off(found, plain) < 0.01
    assert len(others) == len(gradients) == 6
    assert all(off(one, other) < 0.02 for one, other in zip(others, gradients, strict=True))


def test_what_does_not_learn_gets_no_gradient() -> None:
    model = build()
    model[0].requires_grad_(False)
    with halved(model):
        _, gradients = differentiate(model)
    assert len(gradients) == 4


def test_without_a_gradient_and_after_the_block_the_bits_are_float32s() -> None:
    model, rows = build(), torch.randn(9, 64)
    plain = model(rows)
    with halved(model):
        assert not torch.equal(model(rows), plain)
        with torch.no_grad():
            assert torch.equal(model(rows), plain)
    assert torch.equal(model(rows), plain)


@pytest.mark.skipif(
    half_products.choose(Task.SPANS, CPU, {}) == WHOLE, reason="a CPU without units for bf16"
)
def test_a_first_attempt_takes_bf16_and_a_later_one_what_the_first_took() -> None:
    assert half_products.choose(Task.SPANS, CPU, {"threads": 2}) == WHOLE
    assert half_products.choose(Task.SPANS, CPU, {"threads": 2, NAME: WHOLE}) == WHOLE
    assert half_products.choose(Task.SPANS, CPU, {"threads": 2, NAME: HALF}) == HALF


def test_graphics_cards_and_other_tasks_multiply_as_ever() -> None:
    assert half_products.choose(Task.SPANS, torch.device("cuda"), {}) == WHOLE
    others = [task for task in Task if task != Task.SPANS]
    assert others
    assert all(half_products.choose(task, CPU, {}) == WHOLE for task in others)
