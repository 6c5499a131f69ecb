"""What the commands answered with ``--json`` in an earlier version, and how that was recorded.

Answers (one JSON file a version), the calls that they answer, the script that recorded them.
No tests, and nothing that names a module of the program: a call is ``python -m engine …``.
"""
