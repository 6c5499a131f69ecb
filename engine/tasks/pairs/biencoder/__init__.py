"""The bi-encoder of a run on pairs: each text becomes a vector by itself, near what fits it.

Here: what it learns from, how, and how well it finds. Not here: how it is used afterwards
(``engine.inference.retriever``). All but ``examples`` and ``mining`` is a worker's.
"""
