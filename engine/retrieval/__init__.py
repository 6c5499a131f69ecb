"""Catalogues: what can be found in them, and how it is found among many.

Here: the items of a file, the index over their vectors, the order of what was found, and why.
Not here: the models that make the vectors and weigh what was found (``engine.inference``).
"""
