"""Formats of texts with labelled ranges. What labels whole texts is in `engine.formats.whole`."""
