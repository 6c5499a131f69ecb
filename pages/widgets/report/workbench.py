"""The two sides of the report: what is chosen from, and the sentences of what is chosen."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def sides() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return the left and the right side; where there is no room, one is above the other."""
    st.html(Path(__file__).with_suffix(".css"))
    with st.container(key="workbench"):
        left, right = st.columns([11, 10], gap="medium")
    return left.container(key="bench"), right.container(key="opened")
