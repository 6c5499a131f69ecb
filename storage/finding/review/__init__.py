"""What is worth looking at next: errors, suspects, doubts and disagreements in one order.

Here: who says so, what was decided since, what a look should bring. Not here: how it is shown.
"""
