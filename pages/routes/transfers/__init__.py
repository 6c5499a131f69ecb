"""Routes by which files come in and go out, of any size, in pieces."""
