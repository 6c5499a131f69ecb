"""Copies of the database: made, listed, looked through, put back."""
