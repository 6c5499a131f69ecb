"""What finished runs say when they are looked into: facts of each match, two runs, what to do next.

Here: what pages and commands ask of reports, across database and run folders. Not here: figures
(``engine/evaluation``), starting and following runs (``engine/runner``).
"""
