"""Spans that people probably labelled wrong: the evidence, and the ranking made of it.

Here: what speaks against a label of a span, by models that never saw it and by the rest of the
corpus. Not here: how evidence is weighed in general (``engine/evaluation``).
"""
