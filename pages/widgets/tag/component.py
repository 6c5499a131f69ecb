"""The tagger: a Streamlit component in plain JavaScript.

Streamlit sends a component's script at every rerun, so that is a small loader; it fetches
the modules of pages/tagger/ from their own address, where the browser keeps them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from pages.routes import assets


def read_styles() -> str:
    """Return the CSS of all parts; the others build on that of the controls and the text."""
    first = [assets.FOLDER / name for name in ("elements/controls.css", "text/textview.css")]
    others = [path for path in sorted(assets.FOLDER.rglob("*.css")) if path not in first]
    return "\n".join(path.read_text("utf-8") for path in [*first, *others])


_component = st.components.v2.component(
    "whetstone_tagger",
    js=(assets.FOLDER / "loader.js").read_text("utf-8"),
    css=read_styles(),
)


def mount(
    data: dict[str, Any],
    *,
    key: str = "tagger",
    height: int | Literal["content", "stretch"] = "content",
    on_open: Callable[[dict | None], None] | None = None,
) -> Any:
    """Show the tagger and return its state.

    ``data`` holds endpoint, token, project, annotator, document (id, text, tokens, name,
    split), state (as ``storage.journal.annotations`` tells it), labels, allow_overlaps, queue
    (title, ids around the current one, 0-based index, total) and focus; the address of the
    modules is added here. All offsets are code points. The state's ``open`` is
    ``{"document": id, "n": number}`` once the person asks for another document; ``n`` is new
    each time. ``on_open`` hears it before the page runs again.
    """

    def hear() -> None:
        if on_open:
            on_open(st.session_state[key].get("open"))

    sent = data | {"modules": assets.address()}
    return _component(key=key, data=sent, height=height, on_open_change=hear)
