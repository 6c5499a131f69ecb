"""What every edit, import and opening asks where several people work on one project.

Inside of a transaction, and below the rooms of documents and journal, which ask: nothing here
knows of them.
"""
