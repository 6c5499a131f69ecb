"""A link that looks like the main button: the browser fetches a file by itself, in pieces."""

from __future__ import annotations

from html import escape

import streamlit as st

from pages.widgets.common import colors

STYLE = """
<style>
a.ws-download { display: inline-flex; align-items: center; min-height: 2.5rem; padding: 0 1rem;
  border-radius: .5rem; font-size: .9rem; text-decoration: none; color: #fff; }
a.ws-download:hover { filter: brightness(1.1); color: #fff; }
a.ws-download:focus-visible { outline: 2px solid currentcolor; outline-offset: 2px; }
</style>
"""


def show(label: str, address: str, name: str) -> None:
    """Offer what lies at an address of ours, to be saved under a name."""
    color = colors.of_theme("primaryColor")
    st.html(
        f'{STYLE}<a class="ws-download" style="background:{escape(color)}" '
        f'href="{escape(address)}" download="{escape(name)}">{escape(label)}</a>',
        width="content",
    )
