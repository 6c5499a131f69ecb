"""What a search looks through: a project's texts in one case, in a file beside the database.

Derived from the database and never the other way round: it may be deleted at any time.
"""
