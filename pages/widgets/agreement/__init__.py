"""The Agreement page's own parts: who is compared, its views, and the sentences beside them."""
