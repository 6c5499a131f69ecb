"""What a person sees: one short script a page; widgets/ has their parts, routes/ what they call."""
