"""The documents of a project become those of a run, in a process apart where they are many.

Here: which documents a run reads, and how they come into its folder. Not here: the rest of the
folder (``engine.runner.folders``).
"""
