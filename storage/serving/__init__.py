"""Models that leave home: which version of a project's is live, who may ask it, what it was asked.

Here: what is remembered about serving. Not here: the service itself (``engine/serving``), runs and
their results (runs/).
"""
