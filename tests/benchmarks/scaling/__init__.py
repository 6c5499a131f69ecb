"""A project of any size on a PostgreSQL server: its rows, and what its pages ask of it."""
