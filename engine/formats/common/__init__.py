"""What formats of all tasks share: a file to read, problems to tell, columns, JSON Lines."""
