"""Packages of a trained model for other people's tools, where there is no Whetstone.

Here: what each package holds, and how it is written and checked. Not here: what runs inside of
one (``runners/``), how that is gathered from our own modules (``bundling/``).
"""
