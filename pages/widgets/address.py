"""The address of a page: what can be shared, reloaded and gone back to."""

from __future__ import annotations

import streamlit as st


def keep_only(*names: str) -> None:
    """Drop parameters that another page left in the address."""
    for name in list(st.query_params):
        if name not in (*names, "project"):
            del st.query_params[name]


def write(**parameters: str) -> None:
    """Put parameters into the address, touching only those that change."""
    for name, value in parameters.items():
        if st.query_params.get(name) != value:
            st.query_params[name] = value
