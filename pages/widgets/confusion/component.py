"""The confusion table in the browser: drawn, ordered, zoomed and walked there, without a rerun."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent
# In this order one module: what comes later uses what comes before.
PARTS = ("geometry.js", "folding.js", "plane.js", "mistakes.js", "table.js")

_component = st.components.v2.component(
    "whetstone_confusion",
    js="\n".join((HERE / part).read_text("utf-8") for part in PARTS),
    css=(HERE / "table.css").read_text("utf-8"),
)


def mount(data: dict[str, Any], key: str) -> None:
    """Show the table.

    ``data`` holds labels (by name), counts ((n + 1) × (n + 1), gold × predicted, the last row
    spurious and the last column missed), shares (alike), spurious and missed (their words),
    titles (what people call the two sides, who is in neither, and the list of mistakes: gold,
    predicted, spurious, missed, mistakes, none),
    orders (a title, and the labels' places in that order), order (the title of the first one),
    branches (side, words, and places of labels that may be shown as one), folded (whether they are
    at first), unit (what is counted, in the singular),
    mistakes (gold, predicted, only, a title and a count), part (gold, predicted and only of what
    is open) and marked (row and column of each cell that is open). The state's ``cell`` is
    ``{gold, predicted, only, at}`` once something is chosen; ``at`` is new each time.
    """
    _component(key=key, data=data, default={"cell": None}, on_cell_change=lambda: None)
