"""Projects, labels and documents, as they are now.

Here: rows that people see as things. Not here: edits of them that can be taken back (journal/).
"""
