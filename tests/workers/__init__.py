"""Workers for tests: real ones that are there at once, and a stand-in that obeys orders.

May live here: what starts a worker's process in another way than people do. What the tests
then look at is the process and its run folder, never this package. Nothing of the
application imports it.
"""
