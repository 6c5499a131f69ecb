"""A project as one file, and back."""
