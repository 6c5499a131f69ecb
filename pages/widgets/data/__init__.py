"""The Data page: import, documents, labels, dictionary, export."""
