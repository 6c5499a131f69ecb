"""Several machines, one home: what each has, which runs it takes, and what becomes of a dead one's.

Each machine claims runs by itself, under a row lock of the database that skips what another is
just claiming: so none waits for a leader to hand work out, and what a machine has at this moment
is asked where it is known. What must be done once is done by whoever leads the database: waking
monitors, what follows from runs that ended, following runs on a cluster, and noticing that a
machine has died. A database in a file is served by one machine, and nothing here has a say.
"""
