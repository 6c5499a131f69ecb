"""Who did what and when, and what became of it: nobody is ranked by it."""
