"""Adapters in a run that goes on from a checkpoint: bits as in one that was not stopped."""

from __future__ import annotations

import copy
import json

import pytest
import torch
from safetensors.torch import load, save

from engine.models import adapters
from tests.engine.models.test_adapters import PEFTS, learn, learning, optimizer_of, ranks, wrapped


def checkpoint(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> tuple:
    """Return everything that a checkpoint keeps, as it comes back from its files."""
    tensors, values = adapters.capture(model)
    weights = {name: p.detach() for name, p in learning(model).items()}
    buffers = {name: tensor.clone() for name, tensor in model.named_buffers()}
    return (
        load(save(weights | buffers)),
        copy.deepcopy(optimizer.state_dict()),
        torch.get_rng_state(),
        load(save(tensors)),
        json.loads(json.dumps(values)),
    )


def resumed(
    peft: str, kept: tuple, restore: bool = True
) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    """Build everything anew and put a checkpoint into it."""
    weights, states, random, tensors, values = kept
    model = wrapped(peft, 12, rank=8)
    optimizer = optimizer_of(model)
    model.load_state_dict(weights, strict=False)
    optimizer.load_state_dict(states)
    if restore:
        adapters.restore(model, tensors, values)
    torch.set_rng_state(random)
    return model, optimizer


def whole_and_interrupted(peft: str, restore: bool = True) -> tuple[bool, list[int]]:
    """Train whole and in two parts; say whether they end equal, and the ranks met."""
    whole = wrapped(peft, 12, rank=8)
    optimizer = optimizer_of(whole)
    torch.manual_seed(7)
    learn(whole, optimizer, range(4))
    kept = checkpoint(whole, optimizer)
    met = [ranks(whole)]
    learn(whole, optimizer, range(4, 12))
    met.append(ranks(whole))
    again, optimizer = resumed(peft, kept, restore)
    assert again.config.hidden_dropout_prob > 0
    learn(again, optimizer, range(4, 12))
    one, two = whole.state_dict(), again.state_dict()
    assert list(one) == list(two)
    return all(torch.equal(one[name], two[name]) for name in one), met


@pytest.mark.parametrize("peft", PEFTS)
def test_a_run_that_goes_on_from_a_checkpoint_ends_with_the_same_bits(peft: str) -> None:
    equal, met = whole_and_interrupted(peft)
    assert equal
    if peft == "adalora":
        assert 12 * 4 > met[0] > met[1] == 8 * 4


def test_adalora_would_not_without_its_scores() -> None:
    equal, _ = whole_and_interrupted("adalora", restore=False)
    assert not equal


def test_a_checkpoint_in_the_last_steps_keeps_the_ranks() -> None:
    model = wrapped("adalora", 20)
    learn(model, optimizer_of(model), range(18))
    tensors, values = adapters.capture(model)
    again = wrapped("adalora", 20)
    again.load_state_dict(model.state_dict())
    adapters.restore(again, tensors, json.loads(json.dumps(values)))
    learn(again, optimizer_of(again), range(18, 20))
    assert ranks(again) == 8
    assert adapters.capture(again)[1] == values
