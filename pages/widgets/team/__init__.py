"""What a team sees of itself: who is given what, and the ledger."""
