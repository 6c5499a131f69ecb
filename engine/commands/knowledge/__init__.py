"""Commands that give away what a project has found out: its notebook, its cards.

Here: commands whose answer is written for people. Not here: figures of one run (``evaluation/``).
"""
