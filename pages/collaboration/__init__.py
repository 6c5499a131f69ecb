"""Pages about several people: scripts like those of ``pages/``, which is full.

Here: the scripts, which ``pages/access/pages.py`` lists with this folder. Not here: their parts
(``pages/widgets``).
"""
