"""Data sets as Hugging Face keeps them: folders of Arrow or Parquet, rows of tokens and tags."""
