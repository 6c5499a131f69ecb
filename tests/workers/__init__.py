"""Workers and servers for tests: real ones that are there at once, and a stand-in for workers.

May live here: what starts a process of ours in another way than people do. What the tests
then look at is the process and what it leaves, never this package. Nothing of the
application imports it.
"""
