"""What is like what, by vectors: the nearest of a crowd, and labels whose marks lie among others.

NumPy only; vectors come from workers (``engine/inference/encoder.py``).
"""
