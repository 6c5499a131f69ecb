"""Adapters: learn LoRA or AdaLoRA beside a frozen encoder, and merge them in at the end.

Only the new head and small matrices beside the attention projections learn. What is saved
in the end is a plain model, so nobody who uses it needs PEFT.
"""

from __future__ import annotations

import copy
import math
import warnings
from typing import Any

import torch
from transformers.pytorch_utils import Conv1D

from engine.configuration.settings import Settings
from storage.errors import ModelError

# What transformers' encoders call the projections to query and value, or the fused one. Beside
# these alone, LoRA is faster than full fine-tuning; beside every dense layer it is not.
PROJECTIONS = (
    ("query", "value"),
    ("q_lin", "v_lin"),
    ("query_proj", "value_proj"),
    ("q_proj", "v_proj"),
    ("q_head", "v_head"),
    ("q", "v"),
    ("Wqkv",),
    ("qkv_proj",),
    ("query_key_value",),
    ("c_attn",),
    ("in_proj",),
)
# The adapters' sum is multiplied by alpha / rank; a constant keeps one learning rate good for
# every rank.
SCALE = 2
# AdaLoRA begins with half as many ranks again as it is to keep (arXiv:2303.10512).
INITIAL_RANKS = 1.5
# Fewer steps than these have no room for a warm-up, a decision and a rest.
FEWEST_STEPS = 3
SCORES = ("ipt", "exp_avg_ipt", "exp_avg_unc")


def wrap(model: torch.nn.Module, settings: Settings, steps: int) -> torch.nn.Module:
    """Put the adapters that the settings ask for around a model, in place, for so many steps.

    Without adapters the model itself is returned. What is returned otherwise answers like the
    model: ``config``, ``get_input_embeddings()`` and ``model(input_ids=…, attention_mask=…)``
    are the model's own; only the head and the adapters require gradients, and parameters have
    longer names. Weights are drawn on the CPU from torch's global generator and nothing else.
    Raises ModelError for an architecture without known attention projections.
    """
    if not settings.peft:
        return model
    # Most runs have no adapters, and need not load PEFT.
    from peft import AdaLoraConfig, LoraConfig

    rank, targets = settings.peft_rank, _projections(model)
    common = {
        "target_modules": list(targets),
        "fan_in_fan_out": any(isinstance(module, Conv1D) for module in targets.values()),
        "modules_to_save": _heads(model),
    }
    # No task type: PEFT would look for heads by names of its own, and wrap some of them twice.
    if settings.peft == "lora":
        return _inject(model, LoraConfig(r=rank, lora_alpha=SCALE * rank, **common))
    # PEFT adds the paper's orthogonality penalty only to a loss of its own making, so ours goes
    # without: 200 sentences of CrossNER politics were learned as well (dev F1 0.58, with it 0.59).
    initial = math.ceil(INITIAL_RANKS * rank)
    config = AdaLoraConfig(
        init_r=initial, target_r=rank, lora_alpha=SCALE * initial, **_schedule(steps), **common
    )
    return _inject(model, config)


def _inject(model: torch.nn.Module, config: object) -> torch.nn.Module:
    from peft import get_peft_model

    with warnings.catch_warnings():
        # PEFT asks transformers by an old name; nothing that a person could mend.
        warnings.filterwarnings("ignore", ".*is_gradient_checkpointing", FutureWarning)
        return get_peft_model(model, config)


def _projections(model: torch.nn.Module) -> dict[str, torch.nn.Module]:
    linear = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear | Conv1D)
    }
    for names in PROJECTIONS:
        found = {name: m for name, m in linear.items() if name.rsplit(".", 1)[-1] in names}
        if {name.rsplit(".", 1)[-1] for name in found} == set(names):
            return found
    raise ModelError(
        f"Adapters find no attention projections in a model of the kind "
        f"{model.config.model_type!r}; train without adapters, or choose another base model."
    )


def _heads(model: torch.nn.Module) -> list[str]:
    encoder = model.base_model
    return [
        name
        for name, child in model.named_children()
        if child is not encoder and any(True for _ in child.parameters())
    ]


def _schedule(steps: int) -> dict[str, int]:
    total = max(steps, FEWEST_STEPS)
    return {
        "total_step": total,
        "tinit": total // 10,
        "tfinal": max(1, 3 * total // 10),
        "deltaT": max(1, total // 200),
    }


def after_step(model: torch.nn.Module, step: int) -> None:
    """Let AdaLoRA move its ranks to where they matter; nothing for other models.

    To be called after every optimizer step, counted from 0 over the whole run, while the
    gradients of the step are still there.
    """
    if _allocator(model) is not None:
        model.base_model.update_and_allocate(step + 1)


def capture(model: torch.nn.Module) -> tuple[dict[str, torch.Tensor], dict]:
    """Return what an exact resume needs besides parameters and buffers: tensors and plain values.

    These are AdaLoRA's running scores of importance and the ranks that it keeps; both are
    empty for other models.
    """
    allocator: Any = _allocator(model)
    if allocator is None:
        return {}, {}
    tensors = {
        f"{kind}/{name}": tensor
        for kind in SCORES
        for name, tensor in getattr(allocator, kind).items()
    }
    return tensors, {"rank_pattern": allocator.peft_config.rank_pattern}


def restore(model: torch.nn.Module, tensors: dict[str, torch.Tensor], values: dict) -> None:
    """Put what ``capture`` returned into a model that was wrapped with the same settings."""
    allocator: Any = _allocator(model)
    if allocator is None:
        return
    devices = {name: p.device for name, p in model.base_model.model.named_parameters()}
    allocator.reset_ipt()
    for key, tensor in tensors.items():
        kind, name = key.split("/", 1)
        getattr(allocator, kind)[name] = tensor.to(devices[name])
    allocator.peft_config.rank_pattern = values["rank_pattern"]


def merged(model: torch.nn.Module) -> torch.nn.Module:
    """Return a plain transformers model with the adapters and the trained head in place.

    It is a copy, and the wrapped model stays as it is; a model without adapters is returned
    itself.
    """
    if not hasattr(model, "merge_and_unload"):
        return model
    return copy.deepcopy(model).merge_and_unload()


def _allocator(model: torch.nn.Module) -> object | None:
    return getattr(getattr(model, "base_model", None), "rankallocator", None)
