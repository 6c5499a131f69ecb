"""Finding documents: facets, search, and the queues that people walk through.

Reads only: nothing here changes a document.
"""
