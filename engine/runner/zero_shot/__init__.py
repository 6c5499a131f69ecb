"""The zero-shot model of this home: named in Settings, tried, and asked by runs of its own.

Here: what is chosen, its key, which documents a run gets, where its suggestions go. Not here: how
a model is asked (``engine/zero_shot``).
"""
