"""Precision, recall and F1 from counts, term by term as the tools that others cite compute them."""

from __future__ import annotations

import numpy as np


def divide(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Divide; 0 where nothing is to be divided by."""
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)


def f1_of_rates(right: np.ndarray, predicted: np.ndarray, gold: np.ndarray) -> np.ndarray:
    """Return F1 in seqeval's order of operations; scikit-learn's differs in the last bit."""
    precision, recall = divide(right, predicted), divide(right, gold)
    return divide(2.0 * precision * recall, precision + recall)


def f1_of_counts(right: np.ndarray, predicted: np.ndarray, gold: np.ndarray) -> np.ndarray:
    """Return F1 in scikit-learn's order of operations."""
    return divide(2.0 * right, gold + predicted)
