"""The Train page: the form that starts a run, and the runs there are."""
