"""The documents that a run has frozen, as columns of a Parquet file.

Here: documents to columns and back. Not here: what a run predicts, and where its files lie
(``engine.runs.snapshot``).
"""
