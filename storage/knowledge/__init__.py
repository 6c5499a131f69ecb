"""What a team has found out: its guideline's versions, examples, lessons, and those of elsewhere.

Here: what people write down about labels and rounds of work. Not here: the labels themselves and
their marks (corpus/, journal/), who is given what and says what to whom (collaboration/); what a
round brought is counted from runs (``engine/knowledge``).
"""
