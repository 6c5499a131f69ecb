"""What a report's figures mean: its confusion table read back, its findings in words, how sure a
difference of two runs is.

Standard library and NumPy: pages read reports with it.
"""
