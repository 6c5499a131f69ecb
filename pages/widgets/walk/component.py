"""The list as the browser draws it: a Streamlit component of the tagger's own modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.routes import assets
from pages.widgets.tag import component

_component = st.components.v2.component(
    "whetstone_walk",
    js=(assets.FOLDER / "loader.js").read_text("utf-8"),
    css=component.read_styles(),
)


def mount(
    data: dict[str, Any],
    *,
    key: str,
    on_page: Callable[[int], None],
    entry: str = "walking/start.js",
    on_open: Callable[[dict | None], None] | None = None,
) -> dict | None:
    """Show the list; return what the person asked to open, or None.

    ``on_page`` hears which page is asked for, before the page runs again, and ``on_open`` what
    is to be opened: ``{"document": id, "start": …, "end": …, "n": number}``; ``n`` is new each
    time. ``entry`` is the module that draws the list.
    """

    def hear() -> None:
        asked = st.session_state[key].get("page")
        if asked and isinstance(asked.get("page"), int):
            on_page(asked["page"])

    def follow() -> None:
        if on_open:
            on_open(st.session_state[key].get("open"))

    sent = data | {"modules": assets.address(), "entry": entry}
    state = _component(
        key=key,
        data=sent,
        height="content",
        on_page_change=hear,
        on_open_change=follow,
    )
    return state.open
