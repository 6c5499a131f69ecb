"""What several pages show: addresses, colours, tables, texts with spans, errors.

Here: parts without a page of their own. Not here: anything that imports a page's package.
"""
