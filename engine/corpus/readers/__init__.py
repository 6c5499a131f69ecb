"""A file on its way to a stage: opened, read and made rows, here or in a process of its own.

Here: how one file is read. Not here: what a format is (formats/), what becomes of the rows.
"""
