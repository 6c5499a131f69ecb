"""Focus on this: the steps in which a confusion is worked on, on every page they lead to."""
