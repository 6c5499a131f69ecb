"""The Home page: the loop at a glance, the next step, the first start."""
