"""Pages about models that leave home: which is live, and who may ask it."""
