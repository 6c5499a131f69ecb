"""What flows between the rooms of serving, and how questions wait.

Here: questions, answers, who answers, batches, an example. Not here: HTTP (http/), nor who
computes the answers (models/).
"""
