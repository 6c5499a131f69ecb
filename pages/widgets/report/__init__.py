"""The Report page's own parts: figures, tables to click in, the sentences behind a number."""
