"""Slices: groups of marks and documents that have something in common, and how a model does there.

Here: which groups there are, who is in them, what they cost. Not here: what of it is stored
(``storage/runs/slices.py``). Standard library and NumPy.
"""
