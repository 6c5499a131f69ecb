"""Work that Ray spreads over a cluster beside whole runs: reading with a model, searching.

Only here and in ``engine/launchers/ray.py`` is Ray imported, and only when it is asked for.
"""
