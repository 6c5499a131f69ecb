"""Commands that judge: scores of files, reports, what two runs differ in.

Here: commands that read what runs have found. Not here: commands that start runs.
"""
