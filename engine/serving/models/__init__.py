"""Models that answer: in a process of their own, or in this one; which one, and when another.

Here: how a model is loaded, asked, kept alive and replaced. torch is loaded by `answering` alone,
which `worker` and whoever asks in its own process import. Not here: HTTP, nor the database.
"""
