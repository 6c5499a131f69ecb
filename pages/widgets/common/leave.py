"""What whoever acts may not do is shown as such: buttons and links are disabled and say why.

What is needed stands at the function that a button calls, and for pages in the table: here
nothing is listed again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any, TypedDict

import streamlit as st

from pages.access import pages
from pages.widgets.common.errors import literal
from storage import permissions


class Asked(TypedDict):
    """What a button, a popover or a link is given beside its words."""

    disabled: bool
    help: str | None


def to(function: Callable[..., object], help: str | None = None) -> Asked:
    """Return how what calls a guarded function is shown; ``help`` is for those who may."""
    return _asked(permissions.refusal(permissions.needed(function)), help)


def to_open(page: str, help: str | None = None) -> Asked:
    """Return how what leads to a page ("data.py") is shown."""
    return _asked(pages.refused(PurePath(page).stem), help)


def page_link(page: str, *, help: str | None = None, **how: Any) -> None:
    """Show a link to a page, as Streamlit's own."""
    st.page_link(page, **to_open(page, help), **how)


def _asked(refused: str, help: str | None) -> Asked:
    return {"disabled": bool(refused), "help": literal(refused) if refused else help}
