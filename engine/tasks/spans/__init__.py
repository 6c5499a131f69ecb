"""Spans: entities and other labelled ranges of a text.

Here: the task and its model's head, tag schemes, alignment with tokens, encoding, decoding,
scoring. Heavy modules load in workers only.
"""
