"""The two sides of the report: what is chosen from, and the sentences of what is chosen."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from storage.cells import Cell

# A side is the same element whatever it shows, so that it would stay scrolled.
_TO_TOP = """
const shown = new WeakMap();
export default function toTop({ parentElement, data }) {
  const side = parentElement.host.closest(".st-key-opened");
  if (shown.has(parentElement) && shown.get(parentElement) !== data) side?.scrollTo(0, 0);
  shown.set(parentElement, data);
}
"""
_to_top = st.components.v2.component("whetstone_to_top", js=_TO_TOP)


def sides(left_share: int = 12) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return the left and the right side; where there is no room, one is above the other.

    The right one's share is 9.
    """
    st.html(Path(__file__).with_suffix(".css"))
    with st.container(key="workbench"):
        left, right = st.columns([left_share, 9], gap="medium")
    return left.container(key="bench"), right.container(key="opened")


def begin(part: Cell | None) -> None:
    """Let the right side begin at its top where another part is open than before."""
    with st.container(key="to-top"):
        _to_top(key="to-top-of-part", data="\n".join(map(str, part or ())))
