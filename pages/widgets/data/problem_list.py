"""What is wrong with files, row by row: the first ones as a table, all of them to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from engine.formats.common import formulas
from pages.widgets.common import tables
from storage.types import Problem

SHOWN = 200
HEAD = ["File", "Line", "What and what to do"]


def show(problems: Sequence[Problem], name: str) -> None:
    """Show the first problems, and offer all of them as a table for spreadsheets."""
    rows = [(p.file, f"{p.line or ''}", p.message) for p in problems[:SHOWN]]
    tables.show(pd.DataFrame(rows, columns=HEAD), hide_index=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(problems) > SHOWN:
            st.caption(f"… and {len(problems) - SHOWN:,} more", width="content")
        st.download_button(
            "Download the list",
            lambda: as_csv(problems),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key=f"list-of-{name}",
        )


def as_csv(problems: Sequence[Problem]) -> bytes:
    """Write problems as CSV (RFC 4180) in UTF-8, with a mark by which Excel knows that.

    File names and quotations are a stranger's, so that no cell is a formula.
    """
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(["severity", "file", "line", "message"])
    for each in problems:
        cells = [str(each.severity), each.file, each.line or "", each.message]
        writer.writerow([formulas.neutral(cell) for cell in cells])
    return b"\xef\xbb\xbf" + written.getvalue().encode("utf-8", "replace")
