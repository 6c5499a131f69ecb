"""The Models page: versions and what became of them, how to serve them, what they were asked."""
