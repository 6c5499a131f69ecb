"""Coverage-guided fuzzing of every reader, by atheris where it is installed.

    python -m tests.fuzzing [--readers spans/conll …] [--seconds N] [--keep FOLDER]

``__main__`` runs ``reader``, a process each; what a reader is given is in ``inputs``.
"""
