"""Dated texts over time: reading them, counting them by label, and telling when too many come.

Here: dates, files that are read again as they grow, series, and the tests behind an alarm, all on
the standard library and NumPy. Not here: models (``engine/inference``), and what is remembered of
a monitor (``storage/monitors``).
"""
