"""What makes the pages Whetstone's own: mark, wordmark, title in the tab, and a little CSS.

Colours and typefaces are the theme's (``.streamlit/config.toml``).
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from storage.types import Project

PICTURES = Path(__file__).resolve().parents[2] / "pictures"
ICON, WORDMARK = PICTURES / "icon.svg", PICTURES / "wordmark.svg"
ABOUT = (
    "**Whetstone** labels text, trains a model on it, shows where it errs, and takes you to the "
    "very sentences. Everything stays on this computer."
)


def put_on() -> None:
    """Set the page up: to be called before anything is drawn."""
    st.set_page_config(
        page_title="Whetstone", page_icon=ICON, layout="wide", menu_items={"About": ABOUT}
    )
    st.html(Path(__file__).with_suffix(".css"))
    st.logo(str(WORDMARK), size="large", icon_image=str(ICON))


def say_where(page: str, project: Project | None) -> None:
    """Put the page and its project into the browser's tab: "Report · News · Whetstone"."""
    names = [page, project.name] if project else [page]
    st.set_page_config(page_title=" · ".join([*names, "Whetstone"]))
