"""Spans as tags of tokens: schemes, how spans lie on tokens and pieces, targets, decoding.

Here: between a document's spans and what a model reads and answers. Not here: the model's head
(``engine/tasks/spans/head.py``), figures (``metrics/``).
"""
