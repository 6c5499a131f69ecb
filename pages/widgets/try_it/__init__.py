"""The Try it page: a model is asked about a sentence or a file."""
