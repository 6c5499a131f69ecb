"""Whether new texts are unlike those that a model learned from: then its counts mean little."""

from __future__ import annotations

import math

FAR = 0.05
"""The share of train's own texts that is unlike all others of train (``inference.likeness``)."""


def warning(unlike: int, texts: int) -> str:
    """Say that texts are unlike those of train; empty where no more are than among train's own.

    Of train's own texts a share of ``FAR`` is unlike the rest by definition. Said where
    more than twice that is, beyond chance (a normal test at one in a thousand).
    """
    usual = 2 * FAR
    if texts < 20 or unlike / texts <= usual + 3.1 * math.sqrt(usual * (1 - usual) / texts):
        return ""
    return (
        f"{unlike:,} of {texts:,} texts ({unlike / texts:.0%}) are unlike all that the model "
        f"learned from; among its own training texts it is {FAR:.0%}. Label some of "
        "them and train again before you trust these counts."
    )
