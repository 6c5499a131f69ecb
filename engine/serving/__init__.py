"""Models that leave home: the version that is promoted, and the service that answers by it.

Here: what is served, and how. Not here: what is remembered of it (``storage/serving``), the models
themselves (inference/).
"""
