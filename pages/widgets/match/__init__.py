"""Parts of the Match page: catalogues, what is asked of them, and the answers as a list."""
