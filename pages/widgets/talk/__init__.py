"""What people say to each other, as pages show it: threads, their list, what waits on Home.

In the tagger they are its own (``pages/tagger/talking``).
"""
