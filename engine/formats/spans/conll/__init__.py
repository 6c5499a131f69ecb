"""CoNLL: files of a word and its tags a row, in many dialects."""
