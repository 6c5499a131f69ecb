"""Asking a trained model: predictions, how sure they are, what is unlike the rest.

Here: models on documents, also in a process of their own. Not here: how a model came to be.
"""
