"""Files that pages give away: what they are called, and the buttons that make them at a click."""
