"""Matrix products of a training on a CPU in bf16, where it has units for them: in half the time.

Only what is multiplied is rounded, and what comes out. Weights, their steps, norms, activations
and attention stay in float32: PyTorch's autocast would also have attention in bf16, whose way back
takes five times as long there (Micikevicius et al. 2018, "Mixed Precision Training"). What is said
without learning, dev's answers and the states above frozen layers, is computed in float32.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional

from engine.models.kernels import lacking
from storage.types import Task

NAME = "cpu_products"
"""What ``spec.json`` calls how a run multiplies on a CPU: a later attempt does so as well."""
HALF, WHOLE = "bfloat16", "float32"
# Smaller ones, as a head's, cost nothing.
LEAST = 64


def choose(task: str, device: torch.device, pinned: Mapping[str, Any]) -> str:
    """Return how a training multiplies here; ``pinned`` is what its first attempt did.

    Measured for spans alone. Without units for it bf16 is twenty times slower than float32.
    """
    supported = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    fits = device.type == "cpu" and task == Task.SPANS and supported
    return HALF if fits and (not pinned or pinned.get(NAME) == HALF) else WHOLE


@contextmanager
def halved(model: torch.nn.Module) -> Iterator[None]:
    """Inside the block large linear layers multiply in bf16 where a gradient is asked for."""
    layers = [module for module in model.modules() if _is_large(module)]
    for layer in layers:
        layer.forward = partial(_answer, layer)
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _is_large(module: torch.nn.Module) -> bool:
    plain = type(module) is torch.nn.Linear
    return plain and min(module.in_features, module.out_features) >= LEAST


def _answer(layer: torch.nn.Linear, states: torch.Tensor) -> torch.Tensor:
    if not torch.is_grad_enabled():
        return functional.linear(states, layer.weight, layer.bias)
    found: torch.Tensor = Product.apply(states, layer.weight, layer.bias)
    return found


class Product(torch.autograd.Function):
    """``functional.linear`` with float32 in and out, multiplied in bf16 on both ways."""

    @staticmethod
    def forward(
        ctx: Any, states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
    ) -> torch.Tensor:
        flat = states.reshape(-1, states.shape[-1])
        rows, halved = _halve(flat), weight.bfloat16()
        ctx.save_for_backward(rows, halved)
        found = functional.linear(rows, halved, None if bias is None else bias.bfloat16())
        return found[: len(flat)].float().view(*states.shape[:-1], -1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        rows, weight = ctx.saved_tensors
        back = gradient.reshape(-1, gradient.shape[-1])
        halved, asked = _halve(back), ctx.needs_input_grad
        states = (halved @ weight)[: len(back)].float() if asked[0] else None
        weights = (halved.T @ rows).float() if asked[1] else None
        if states is not None:
            states = states.view(*gradient.shape[:-1], -1)
        return states, weights, back.sum(0) if asked[2] else None


def _halve(rows: torch.Tensor) -> torch.Tensor:
    """Return rows in bf16, some of nothing behind them (see ``kernels``)."""
    halved = rows.new_zeros(len(rows) + lacking(len(rows)), rows.shape[1], dtype=torch.bfloat16)
    halved[: len(rows)] = rows
    return halved
