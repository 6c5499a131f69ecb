"""On the Tag page: how many sentences of a list were looked at, and the way back to it."""

from __future__ import annotations

import streamlit as st

from pages.widgets.common import address
from storage.cells import Cell
from storage.database.store import database
from storage.outcomes import Compared
from storage.runs import reports, visits


def show(part: Cell, document: int) -> None:
    """Note that a sentence of the part is looked at, and lead back to the very part."""
    # Where nothing can be written people still read; only what they read is not counted.
    if database().barrier() is None:
        visits.note(database(), part, document)
    seen, number = visits.count(database(), part), reports.count_cell(database(), part)
    st.page_link(
        "report.py",
        label=f"Back to the report: {seen:,} of {number:,} looked at",
        icon=":material/arrow_back:",
        query_params=address.of_cell(part),
    )


def to_comparison(asked: Compared) -> None:
    """Lead back to the list of what was fixed, broken or is still wrong."""
    st.page_link(
        "compare.py",
        label="Back to the comparison",
        icon=":material/arrow_back:",
        query_params=address.of_compared(asked),
    )
