"""Figures of spans: matching, precision and recall, kinds of error, the references agreeing.

Here: what is counted over gold and predicted spans. Not here: figures of every task
(``engine/evaluation``). Standard library and NumPy.
"""
