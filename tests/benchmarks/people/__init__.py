"""The people of ``team``: how they label, what they were told, and whether it is all there.

Here: those that are programs, those in a browser, and the look at the database afterwards. Not
here: the server, the project, the figures.
"""
