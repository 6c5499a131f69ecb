"""Data sets of Hugging Face, and AutoTrain's rows."""
