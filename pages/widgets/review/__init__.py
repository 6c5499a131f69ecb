"""Parts of the page Review: a view each. What they find is asked of ``engine/inspection``."""
