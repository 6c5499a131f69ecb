"""Models: loading a base or a trained one, adapters, embeddings.

Here: what an encoder with its head is made of. Not here: how it learns or is asked.
"""
