"""Pairs of texts: whether, or how well, the second one fits the first."""
