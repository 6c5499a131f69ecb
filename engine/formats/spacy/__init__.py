"""spaCy's own files: the binary DocBin and the JSON that its second version trained on."""
