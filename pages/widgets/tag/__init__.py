"""The Tag page: its queue, its keys, and what it hands to the tagger."""
