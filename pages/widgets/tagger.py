"""The tagger: a Streamlit component in plain JavaScript, put together when it is imported.

The modules beside this file are real ES modules. Streamlit takes one string, so they are
joined in the order in which they need one another, without their imports and comments.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).with_name("tagger")
# Every module stands behind those that it imports; the last one has the default export.
MODULES = (
    "offsets",
    "model",
    "colors",
    "keys",
    "parts",
    "outbox",
    "session",
    "selection",
    "marker",
    "messages",
    "paper",
    "gestures",
    "overlay",
    "view",
    "stage",
    "pager",
    "commands",
    "desk",
    "tagger",
)
_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)
_BLOCK_COMMENT = re.compile(r"^[ ]*/\*.*?\*/\n", re.MULTILINE | re.DOTALL)


def join_modules() -> str:
    """Return the tagger's JavaScript as one module."""
    sources = [(FOLDER / f"{name}.js").read_text("utf-8") for name in MODULES]
    return "\n".join(_shorten(_EXPORT.sub("", _IMPORT.sub("", source))) for source in sources)


def read_styles() -> str:
    """Return the tagger's CSS."""
    styles = _shorten((FOLDER / "tagger.css").read_text("utf-8"))
    return re.sub(r" (?={)|(?<=:) ", "", styles)


def _shorten(source: str) -> str:
    """Drop comments, indentation and idle line ends: it all goes to the browser at each rerun."""
    lines = (line.strip() for line in _BLOCK_COMMENT.sub("", source).splitlines())
    kept = "\n".join(line for line in lines if line and not line.startswith("//"))
    return re.sub(r"(?<=[{;,(])\n", "", kept)


_component = st.components.v2.component("whetstone_tagger", js=join_modules(), css=read_styles())


def mount(
    data: dict[str, Any],
    *,
    key: str = "tagger",
    height: int | str = "content",
    on_open: Callable[[dict | None], None] | None = None,
) -> Any:
    """Show the tagger and return its state.

    ``data`` holds endpoint, token, project, annotator, document (id, text, tokens, name,
    split), state (as ``storage.annotations`` tells it), labels, allow_overlaps, queue
    (title, ids around the current one, 0-based index, total) and focus. All offsets are
    code points. The state's ``open`` is ``{"document": id, "n": number}`` once the person
    asks for another document; ``n`` is new each time. ``on_open`` hears it before the page
    runs again.
    """

    def hear() -> None:
        if on_open:
            on_open(st.session_state[key].get("open"))

    return _component(key=key, data=data, height=height, on_open_change=hear)
