"""Document classes: a text has one label, or several."""
