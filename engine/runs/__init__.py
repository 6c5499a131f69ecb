"""A run as a folder: what it is asked, its data, events, checkpoints, locks.

Here: the files of a run's folder. Not here: who reads them into a database (runner/), or torch.
"""
