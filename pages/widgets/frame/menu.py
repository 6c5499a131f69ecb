"""The menu's clicks, which none of the messages that pages send by themselves may take back."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_way = st.components.v2.component(
    "whetstone_menu", js=Path(__file__).with_suffix(".js").read_text("utf-8")
)


def keep_clicks() -> None:
    """Let a click on the menu be given again where its page does not come (``menu.js``)."""
    with st.sidebar, st.container(key="menu-clicks"):
        _way(key="menu-way")
