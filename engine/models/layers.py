"""Where a model of any architecture keeps its layers, and the last one of its head."""

from __future__ import annotations

import torch

from storage.errors import ModelError


def find_layers(model: torch.nn.Module) -> torch.nn.ModuleList:
    """Return the encoder's list of layers, lowest first; raise ModelError where there is none."""
    count = getattr(model.config, "num_hidden_layers", 0)
    for module in model.base_model.modules():
        if isinstance(module, torch.nn.ModuleList) and len(module) == count:
            return module
    raise ModelError(
        f"The base model ({type(model).__name__}) keeps its layers in a way that cannot be "
        "frozen in part; set the number of frozen layers to 0."
    )


def find_last(model: torch.nn.Module) -> torch.nn.Linear | None:
    """Return the linear layer that gives the outputs and learns; None where there is none."""
    outputs = model.config.num_labels
    found = [
        module
        for name, module in model.named_modules()
        if is_head(name) and isinstance(module, torch.nn.Linear)
    ]
    learning = [m for m in found if m.out_features == outputs and m.weight.requires_grad]
    return learning[-1] if learning else None


def is_head(name: str) -> bool:
    """Tell by its name whether a part belongs to the head, as transformers calls heads."""
    return any(part in ("classifier", "score") for part in name.split("."))
