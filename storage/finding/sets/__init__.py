"""Sets of documents, and numbers of each of them, read for a whole project at once."""
