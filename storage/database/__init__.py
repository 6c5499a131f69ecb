"""The open database: who may read, who may write, who runs the jobs.

Here: one handle for all nouns, and small settings by key. Not here: any noun's queries.
"""
