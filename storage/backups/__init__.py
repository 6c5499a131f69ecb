"""Copies of a database that is a file: made, listed, looked through, put back.

Nothing here knows tables beyond their counts, and nothing here is for PostgreSQL, which has
tools of its own for that.
"""
