"""One file of Python from our own modules, with all that it needs of them and nothing else.

Here: reading modules and writing that file. Not here: what the files are for.
"""
