"""Other computers: whether they may open this server, from its next start on."""

from __future__ import annotations

import re

import streamlit as st

from pages.access import addresses, session
from pages.widgets.common.errors import literal
from storage.accounts import reach
from storage.errors import InputError, StorageError

WHAT_FOLLOWS = (
    "Everybody signs in then, on every page. Without an account the server goes on to answer this "
    "computer only. It takes effect when the server starts again (`make run`); `make run "
    "HOST=0.0.0.0` does it for once."
)


def show() -> None:
    """Show the switch, the names, and what is so now."""
    known = reach.read()
    _say_what_is_so(known)
    with st.form("reach", border=False):
        others = st.toggle("Let others in", known.others)
        names = st.text_input(
            "Names that others open it by",
            " ".join(known.names),
            placeholder="label.example.org",
            help="Those of a proxy or a name server. This computer's own name and its addresses "
            "in numbers are known.",
        )
        st.caption(WHAT_FOLLOWS)
        if st.form_submit_button("Save"):
            _save(others, names)


def _say_what_is_so(known: reach.Reach) -> None:
    if addresses.is_open():
        st.write("Other computers reach this server: they type one of these.")
        st.code("\n".join(addresses.for_others()), language=None)
        if not session.is_required():
            st.warning(
                "Nobody has an account, so only this computer is answered: make an admin's "
                "under *People*.",
                icon=":material/person_add:",
            )
        if not addresses.is_encrypted():
            st.caption(addresses.OPEN_LINE)
    elif known.others:
        st.info("Others are let in from the next start on.", icon=":material/restart_alt:")
    else:
        st.write("This server answers this computer only.")


def _save(others: bool, names: str) -> None:
    try:
        reach.put(others, re.split(r"[\s,;]+", names.strip()) if names.strip() else ())
    except (InputError, StorageError, OSError) as error:
        st.error(literal(str(error)))
    else:
        st.rerun()
