"""The answers as the browser draws them: a Streamlit component of the tagger's own modules."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.routes import assets
from pages.widgets.tag import component

_component = st.components.v2.component(
    "whetstone_match",
    js=(assets.FOLDER / "loader.js").read_text("utf-8"),
    css=component.read_styles(),
)


def mount(data: dict[str, Any], *, key: str) -> None:
    """Show the answers (see ``payload``); what is decided goes to the server by itself."""
    sent = data | {"modules": assets.address(), "entry": "matching/start.js"}
    _component(key=key, data=sent, height="content", on_fresh_change=lambda: None)
