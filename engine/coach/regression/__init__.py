"""What the coach learns with: a ridge regression, and how sure its values make it.

Rows and answers come in as arrays; nothing here knows of documents.
"""
