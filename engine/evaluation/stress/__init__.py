"""Behavioural tests: texts that are changed in ways that should not change what is found in them.

Here: how a text is changed with its marks and tokens (``changes``), which changes there are
(``perturbations``), and how failures are counted (``failures``). No model, no database.
"""
