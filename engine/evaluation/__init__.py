"""What a report's figures mean: its confusion table read back, its findings in words.

Standard library only: pages read reports with it.
"""
