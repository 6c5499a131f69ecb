"""Whether a model is as sure as it is right: a view of the Report page, of figures alone.

Not here: what they are computed from (``engine/evaluation/certainty``).
"""
