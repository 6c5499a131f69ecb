"""From a round to what it is about: the run, the cell, the sentences, as far as they are there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import streamlit as st

from engine.knowledge import outcome
from pages.widgets.common import address
from pages.widgets.common.errors import literal
from storage.knowledge.notebook import Entry, Round
from storage.outcomes import Compared, Outcome

Link = tuple[str, str, str, Mapping[str, str]]
NAMES = {Outcome.FIXED: "fixed", Outcome.BROKEN: "broken", Outcome.WRONG: "still wrong"}


def show(entry: Entry, known: Collection[int]) -> None:
    """Show them in a row; a run that was deleted is said to be."""
    with st.container(horizontal=True, gap="small"):
        for page, icon, label, params in _links(entry, known):
            st.page_link(
                page, label=literal(label), icon=f":material/{icon}:", query_params=dict(params)
            )
    if entry.closed_run and entry.closed_run not in known:
        title = (entry.brought or {}).get("title", "Its run")
        st.caption(f"{literal(title)} was deleted: what it said stays here.")


def _links(entry: Entry, known: Collection[int]) -> Iterator[Link]:
    brought = entry.brought or {}
    if entry.state is not Round.DONE:
        return
    before, after = (run if run in known else None for run in (entry.run, entry.closed_run))
    if after:
        title = f"Report of {brought.get('title', 'the run')}"
        yield "report.py", "grid_on", title, {"run": str(after)}
    cell = outcome.part(entry.about, after or before or 0)
    if cell and (after or before):
        yield "report.py", "search", cell.title, address.of_cell(cell)
    compared = brought.get("compared")
    if before and after and compared:
        row = compared["rows"][0]
        counts = {Outcome.FIXED: "fixed", Outcome.BROKEN: "broken", Outcome.WRONG: "wrong"}
        for each, name in counts.items():
            asked = Compared(before, after, compared["split"], each, "")
            label = f"{row[name]:,} {NAMES[each]}"
            yield "compare.py", "compare_arrows", label, address.of_compared(asked)
