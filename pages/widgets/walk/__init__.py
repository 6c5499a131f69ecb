"""Places that people decide about one after the other: ``Row`` is one, ``show`` lists them.

A cell of a report, suspects, what a comparison broke, a review queue: each page makes rows, all
are walked the same way.
"""

from pages.widgets.walk.listing import keep_place, show
from pages.widgets.walk.rows import Elsewhere, Row, Rows, Said

__all__ = ["Elsewhere", "Row", "Rows", "Said", "keep_place", "show"]
