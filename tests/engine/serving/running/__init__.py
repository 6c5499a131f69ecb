"""The service as it runs, in its own processes."""
