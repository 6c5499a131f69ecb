"""Data cards and model cards: what a machine knows of a project, and what people answered once.

Here: what is read for them, and how they are written for the Hugging Face hub and as a page. Not
here: a report's own figures and their formats (``engine/exports``).
"""
