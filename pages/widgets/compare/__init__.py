"""The Compare page's own parts: which runs, figures, what was fixed and broken, what differs."""
