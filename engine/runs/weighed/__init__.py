"""What a label check leaves in its folder so that its labels can be weighed again.

Here: what its models said. Not here: what they suspected of the labels of then
(``engine.runs.suspects``).
"""
