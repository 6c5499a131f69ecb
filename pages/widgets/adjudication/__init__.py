"""What the Adjudicate page shows: which documents wait, and one with all that people said of it."""
