"""From a text to what a model reads: tokens, word-pieces, examples, batches.

Here: what lies between a document and a tensor. Not here: models, and how they learn.
"""
