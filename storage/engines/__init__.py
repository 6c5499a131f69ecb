"""Beneath the database: SQLite and PostgreSQL, tables, revisions, what drivers complain about.

Here: what SQLAlchemy needs to know of an engine. Not here: what a row means.
"""
