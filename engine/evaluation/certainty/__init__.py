"""How sure figures are, and how sure a model is: intervals, calibration, what they count from.

Here: what holds for every task. Not here: resampling itself (``bootstrap``). Standard library
and NumPy.
"""
