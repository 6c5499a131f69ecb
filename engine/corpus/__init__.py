"""Bringing documents in and out, and strings in them.

Here: imports, exports, dictionaries. Not here: a file's syntax (formats/), the database (storage/).
"""
