"""The machines that share one database on a server: what each has, and which of them is this one.

Rows of machines, and what lies on a machine's own disk. Who works on what is the runner's.
"""
