"""Monitors: what is watched, which texts were counted, which alarms came and who was told.

Here: their rows. Not here: what an alarm is (``engine/monitoring``), how texts are read and sent.
"""
