"""Formats of texts, or pairs of texts, with labels of all of each. Not here: labelled ranges."""
