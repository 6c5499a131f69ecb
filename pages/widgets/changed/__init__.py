"""What is others by now than what a page shows, said in one place: nothing on it moves by itself.

Suggestions that a coach has renewed, suspects that were weighed anew (``pages.coaching``). A click
or a key shows them. The tagger says the same in its own line (``pages/tagger/coaching``).
"""
