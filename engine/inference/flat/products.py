"""A layer's matrix products by oneDNN, their weights packed once as its kernels read them.

They should see few numbers of rows (``engine.models.kernels``).

Whole products differ from torch's in the last digits. Those in int8 take a quarter of the time:
each output's weights, and each row that comes in, are rounded to whole numbers from -127 to 127
times a scale of their own, so what a text is answered does not depend on what is beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch

# What kernels are packed for; they take any number of rows.
ROWS = 1024
LARGEST = 127
# Below it a row is nothing but zeros, and has no scale.
SMALLEST = 1e-30


class Product(Protocol):
    """Rows (rows, inputs) times a matrix, plus a bias."""

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        """Return float32 rows (rows, outputs)."""

    def gelu(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the GELU of them."""


class Whole:
    """In float32."""

    def __init__(self, *layers: torch.nn.Linear) -> None:
        """Take layers that read the same rows as one, their outputs side by side."""
        weight, self._bias = _stacked(layers)
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight, ROWS)

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        return self._multiply(rows, "none")

    def gelu(self, rows: torch.Tensor) -> torch.Tensor:
        return self._multiply(rows, "gelu")

    def _multiply(self, rows: torch.Tensor, after: str) -> torch.Tensor:
        pointwise = torch.ops.mkldnn._linear_pointwise
        found: torch.Tensor = pointwise(rows, self._weight, self._bias, after, [], "none")
        return found


class Rounded:
    """In int8, scales and sums in float32."""

    def __init__(self, *layers: torch.nn.Linear) -> None:
        """Take layers that read the same rows as one, their outputs side by side."""
        weight, self._bias = _stacked(layers)
        self._scales = _scales(weight).flatten()
        self._zeros = torch.zeros(len(weight), dtype=torch.int32)
        rounded = (weight / self._scales[:, None]).round().to(torch.int8)
        self._weight = torch.ops.onednn.qlinear_prepack(rounded, [ROWS, weight.shape[1]])

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        scales = _scales(rows)
        # oneDNN's rows are of numbers from 0 on. torch makes int8 of floats five times as fast as
        # uint8, and the sum of bytes wraps.
        rounded = torch.mul(rows, scales.reciprocal()).round_().to(torch.int8)
        shifted = rounded.view(torch.uint8).add_(LARGEST + 1)
        weight = self._weight, self._scales, self._zeros
        found: torch.Tensor = torch.ops.onednn.qlinear_pointwise(
            *(shifted, 1.0, LARGEST + 1, *weight, None, 1.0, 0),
            *(torch.float32, "none", [], "none"),
        )
        return torch.addcmul(self._bias, found, scales, out=found)

    def gelu(self, rows: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = torch.ops.aten.gelu_(self(rows))
        return found


def _scales(rows: torch.Tensor) -> torch.Tensor:
    """Return each row's unit (rows, 1), of which its farthest number from 0 is ``LARGEST``.

    Two searches take a tenth of what the rows' absolute values would, a large table of their own.
    """
    farthest = torch.maximum(rows.amax(1, keepdim=True), rows.amin(1, keepdim=True).neg_())
    return farthest.div_(LARGEST).clamp_(min=SMALLEST)


def _stacked(layers: Sequence[torch.nn.Linear]) -> tuple[torch.Tensor, torch.Tensor]:
    weight = torch.cat([layer.weight.detach() for layer in layers])
    return weight, torch.cat([layer.bias.detach() for layer in layers])
