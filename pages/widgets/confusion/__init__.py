"""The confusion table as a component: gold × predicted, everything in it to be clicked.

Here: its drawing, in plain JavaScript. Not here: what a click opens (``pages/widgets/report``).
"""
