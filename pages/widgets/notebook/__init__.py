"""The Notebook page: rounds with their lessons, and how they leave."""
