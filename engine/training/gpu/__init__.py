"""Training on a GPU at its own pace: what it reads lies there, and a step is one command to it.

Here: what only a GPU needs. Not here: what a step is (learner.py). A CPU takes no notice of it.
"""
