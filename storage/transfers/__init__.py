"""Files on their way in and out: on disk only as long as somebody works with them."""
