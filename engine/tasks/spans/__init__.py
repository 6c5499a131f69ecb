"""Spans: entities and other labelled ranges of a text.

Here: tag schemes, alignment with tokens, decoding, scoring. Heavy modules load in workers only.
"""
