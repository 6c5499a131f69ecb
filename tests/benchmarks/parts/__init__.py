"""What benchmarks are made of: what they share, and the sides that one holds against another.

The commands, a module a question, are beside this package.
"""
