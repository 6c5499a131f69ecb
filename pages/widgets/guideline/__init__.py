"""The Guideline page: what labels mean, in words that cannot fetch anything."""
