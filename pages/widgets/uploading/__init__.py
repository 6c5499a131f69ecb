"""The drop zone, on the pages that take files of any size."""
