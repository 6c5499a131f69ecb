"""Actions: many documents or the labels changed as one step, and undo over a whole project.

Here: what ends in one journal step over many documents. Not here: single edits (journal/).
"""
