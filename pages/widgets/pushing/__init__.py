"""Words that pushed a decision, drawn in their text: of what is tried, and of rows of a report."""
