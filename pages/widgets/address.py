"""The address of a page: what can be shared, reloaded and gone back to."""

from __future__ import annotations

import streamlit as st

# A row's id, and every other number of an address, fits into 63 bits.
BEYOND = 2**63
MOST_DIGITS = len(str(BEYOND))


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


def read_id(name: str) -> int | None:
    """Return the id that a parameter names; None where it names none."""
    return read_number(name) or None


def read_number(name: str) -> int | None:
    """Return a parameter that is a whole number from 0 on, in plain digits; else None."""
    text = st.query_params.get(name, "")
    # An address can hold anything, also more digits than Python turns into a number.
    if not (text.isascii() and text.isdigit()) or len(text) > MOST_DIGITS:
        return None
    number = int(text)
    return number if number < BEYOND else None
