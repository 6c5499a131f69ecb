"""Draw texts with the same label together: the supervised contrastive loss.

With few examples a label, tuning the encoder by pairs of examples teaches more than tuning it by
labels (Tunstall et al. 2022, "Efficient Few-Shot Learning Without Prompts", SetFit). Here all
pairs of a batch count at once (Khosla et al. 2020, "Supervised Contrastive Learning"), mixed
with the task's own objective (Gunel et al. 2021). What is compared is what the last layer of the
head reads, so that a head fitted afterwards finds it in order.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional

from engine.encoding.batches import Batch
from engine.encoding.examples import IGNORED
from engine.models.layers import find_last
from engine.training.features.probing import reading

Loss = Callable[[torch.nn.Module, Batch], torch.Tensor]
TEMPERATURE = 0.1


class Contrast:
    """Mixes so large a share of the contrast into a loss; a share of 0 leaves it as it is."""

    def __init__(self, model: torch.nn.Module, share: float) -> None:
        self._last = find_last(model) if share else None
        self._share = share

    def mix(self, objective: Loss, model: torch.nn.Module, batch: Batch) -> torch.Tensor:
        """Return the mixed loss of a batch, summed over texts as the objective is.

        Where a batch is computed in parts, each part compares its own texts only.
        """
        if self._last is None:
            return objective(model, batch)
        with reading(self._last) as seen:
            own = objective(model, batch)
        return (1 - self._share) * own + self._share * contrast(seen.pop(), batch.targets)


def contrast(inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the loss of vectors (texts, width) with targets (texts, asked), summed over texts.

    Texts count as alike as their targets are: 1 where they have one target each and the same;
    of several, which are 0 or 1, the ones that both have among those that one has (Jaccard).
    A text that is like no other one counts 0.
    """
    pairs = alike(targets)
    vectors = functional.normalize(inputs.float(), dim=-1)
    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    near = (vectors @ vectors.T / TEMPERATURE).masked_fill(itself, -torch.inf)
    pairs = pairs.masked_fill(itself, 0.0)
    told = near.log_softmax(-1).masked_fill(itself, 0.0)
    weight = pairs.sum(-1)
    return -((told * pairs).sum(-1) / weight.clamp(min=1e-9)).sum()


def alike(targets: torch.Tensor) -> torch.Tensor:
    """Return how alike the targets of texts are, from 0 to 1: (texts, texts)."""
    known = (targets != IGNORED).any(-1)
    if targets.shape[1] == 1:
        same = (targets == targets.T).float()
    else:
        ones = (targets == 1).float()
        both = ones @ ones.T
        same = both / (ones.sum(-1)[:, None] + ones.sum(-1)[None] - both).clamp(min=1.0)
    return same * known[:, None] * known[None]
