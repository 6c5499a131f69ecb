"""Every random state of a process, as tensors: Python's, NumPy's, torch's, the GPU's."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch


def seed_epoch(seed: int, epoch: int, rank: int) -> None:
    """Seed torch for an epoch, so that dropout does not depend on what happened before.

    torch's CPU generator looks at 32 bits of its seed only, so these are mixed well.
    """
    numbers = (seed, epoch, rank) if rank else (seed, epoch)
    torch.manual_seed(int(np.random.SeedSequence(numbers).generate_state(1)[0]))


def capture(device: torch.device) -> dict[str, torch.Tensor]:
    """Return all states under their names."""
    version, words, gauss = random.getstate()
    state: Any = np.random.get_state()
    _, keys, position, has_gauss, cached = state
    states = {
        "torch": torch.get_rng_state(),
        "python": torch.tensor([version, *words], dtype=torch.int64),
        "python_gauss": torch.tensor([gauss is not None, gauss or 0.0], dtype=torch.float64),
        "numpy": torch.tensor([*keys.tolist(), position, has_gauss], dtype=torch.int64),
        "numpy_gauss": torch.tensor([cached], dtype=torch.float64),
    }
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def restore(states: dict[str, torch.Tensor], device: torch.device) -> None:
    """Put captured states back."""
    torch.set_rng_state(states["torch"])
    version, *words = states["python"].tolist()
    has, gauss = states["python_gauss"].tolist()
    random.setstate((version, tuple(words), gauss if has else None))
    *keys, position, has_gauss = states["numpy"].tolist()
    keys = np.array(keys, dtype=np.uint32)
    cached = float(states["numpy_gauss"])
    np.random.set_state(("MT19937", keys, position, has_gauss, cached))
    if device.type == "cuda":
        torch.cuda.set_rng_state(states["cuda"], device)
