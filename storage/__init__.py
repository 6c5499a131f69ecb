"""What is remembered. ``types`` and ``errors`` are the vocabulary that every room shares."""
