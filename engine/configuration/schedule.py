"""How the learning rate goes over a training's steps: the worker sets it, reports draw it."""

from __future__ import annotations


def rate(step: int, steps: int, warmup: float) -> float:
    """Return the share of the peak learning rate at a step (from 0): up, then down, never 0."""
    rising = max(1, round(steps * warmup)) if warmup else 0
    if step < rising:
        return (step + 1) / rising
    return (steps - step) / max(1, steps - rising)
