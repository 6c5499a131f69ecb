"""The computer beneath: its disk, GPUs, threads, and who may read a file.

Knows no run and no model.
"""
