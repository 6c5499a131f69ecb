"""Tasks: what a person labels, one package a task.

Here: everything that differs between spans, classes and pairs. Not here: what is the same for all.
"""
