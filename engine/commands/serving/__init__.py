"""Commands that serve the application itself.

Here: what must run beside it. Not here: what it does with documents, models and runs.
"""
