"""How far people agree: coefficients, how sure they are, who stands out, how it went over time.

Here: pure functions on arrays (`Versions`), NumPy and the standard library only, for pages
compute with them. Not here: the database (``storage.collaboration.versions`` reads, and
``engine.inspection.agreement`` puts the two together), sentences, drawing.
"""
