"""One left text against its candidates: the list of the Tag page on projects of pairs."""
