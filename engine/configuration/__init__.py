"""What a run can be asked: settings, recipes, base models, and how long it would take.

Here: whatever is known before a worker starts. Not here: torch, transformers, the database.
"""
