"""Learning: from examples to a trained model, alone or in a group of processes.

Here: the loop and what it stands on. Not here: what a run is for (jobs/), or any database.
"""
