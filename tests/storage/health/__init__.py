"""How the store is, as Settings and the command tell it."""
