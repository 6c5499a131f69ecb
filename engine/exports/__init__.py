"""Reports that leave the house: one module a format, each a pure function of a `Subject`.

What is told, and in which words, stands in `contents` once; a format's module says how, and
escapes every text: labels and names of projects come from people and files. Standard library
only. Nothing here knows a task: a report brings its figures, tables and confusion table itself.
"""
