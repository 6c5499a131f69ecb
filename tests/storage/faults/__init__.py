"""Faults, injected for real: what was acknowledged is there afterwards, and one sentence says why.

Which test holds which fault: tests/README.md.
"""
