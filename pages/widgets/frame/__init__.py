"""What stands around every page: the mark, the sign of a running run, the way out of damage."""
