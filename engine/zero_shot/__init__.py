"""Suggestions of a model that has seen none of a project's labels: from nothing.

Here: which model is meant, what it is asked, how an endpoint is asked over HTTP, how answers are
held to the text, kept and counted. Not here: the run that does it (``engine/jobs/zero_shot``),
who names the model (``engine/runner/zero_shot``). Light: only ``gliner`` loads torch, in workers.
"""
