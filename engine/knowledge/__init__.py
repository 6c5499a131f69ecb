"""What a project finds out, told: rounds of the notebook, data cards and model cards.

Here: what is counted from runs and reports for them, and how it is written for others. It reads
the database, and writes the rounds. Not here: their rows (``storage/knowledge``), pages.
"""
