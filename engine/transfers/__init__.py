"""Imports and exports that take long: each in a process of its own, followed from here.

The web process neither waits for them nor grows with them. A process ends with whoever started
it, and what it had not finished is as if it had never begun.
"""
