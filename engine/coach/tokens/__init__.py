"""What the coach sees of words: rows of numbers (``rows``), and what is known of them beforehand.

Only ``engine/coach/reading.py`` asks.
"""
