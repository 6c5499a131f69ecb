"""Versions of a guideline: what it says, and how a change of it becomes a version.

Here: what happens inside of a transaction that others have begun. Not here: what pages and
commands call (knowledge/guidelines.py), and the rows of labels and projects (corpus/).
"""
