"""Beneath the database: SQLite and PostgreSQL, tables, revisions, what drivers complain about.

Here: what SQLAlchemy needs to know of an engine, and a PostgreSQL server of one's own. Not here:
what a row means.
"""
