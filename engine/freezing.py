"""Lower layers that do not learn."""

from __future__ import annotations

import torch

from storage.errors import ModelError


def freeze(model: torch.nn.Module, layers: int) -> None:
    """Let the embeddings and the lowest ``layers`` layers stay as they are; 0 freezes nothing."""
    if not layers:
        return
    raise ModelError("Frozen layers are being built.")
