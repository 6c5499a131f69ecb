"""Runs, their reports and suggestions, and what was looked at and mended since.

Here: what the database knows of a run. Not here: the run's folder (engine/runs/).
"""
