"""The journal: what an edit is, when it is good, what takes it back, and where it is kept.

Here: one annotator's work on one document. Not here: many documents at once (actions/).
"""
