"""spaCy's DocBin and training JSON."""
