"""The label that a comparison's lists are about: a row of the table or a box chooses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from engine.inspection.comparing import Common
from pages.widgets.common import address
from pages.widgets.compare.choice import Pair

NAME, EVERY = "label", ""


def current(known: Mapping[str, int]) -> str:
    """Return the label of the address; every one where it names none that is known."""
    asked = st.query_params.get(NAME, EVERY)
    return asked if asked in known else EVERY


def key(pair: Pair, found: Common) -> str:
    """Return the key of the table that is clicked in."""
    return f"compared-{pair.a.id}-{pair.b.id}-{found.split}"


def listen(table: str, names: Sequence[str]) -> None:
    """Take the label of the row that was clicked since this was last asked; the first is every.

    Several cells are marked to be copied, and mean no label.
    """
    cells = (st.session_state.get(table) or {}).get("selection", {}).get("cells") or []
    if len(cells) == 1 and cells != st.session_state.get(f"heard-{table}"):
        place = cells[0][0]
        address.write(**{NAME: names[place] if 0 < place < len(names) else EVERY})
    st.session_state[f"heard-{table}"] = cells


def choose(known: Mapping[str, int], every: int | None = None) -> str:
    """Show the choice of a label with how many rows each has, and return what is chosen.

    ``every`` row has one label, unless it is said how many there are.
    """
    counts = {EVERY: sum(known.values()) if every is None else every, **known}
    st.session_state["compared-label"] = current(known)
    st.selectbox(
        "Label",
        list(counts),
        key="compared-label",
        format_func=lambda name: f"{name or 'All labels'}: {counts[name]:,}",
        label_visibility="collapsed",
        on_change=_take,
    )
    return current(known)


def _take() -> None:
    address.write(**{NAME: st.session_state["compared-label"]})
