"""What runs inside of a package: a model asked in some tool's way, the rest by our own rules.

Each module is copied into packages together with what it needs (``engine.packaging.bundling``).
Here: nothing that needs more of Whetstone than NumPy and tokenizers can do, and each its tool.
"""
