"""Dictionary: label strings of a file, of a kept list, or those labelled so far."""
