"""What a worker can be asked to do: one module a kind of run, and ``kinds`` that lists them.

Here: from a run's frozen data to its results. Not here: how workers are started and followed.
"""
