"""The mail server that alarms are sent by: asked for, kept, and tried."""

from __future__ import annotations

import streamlit as st

from engine.runner.notices import delivery, email
from pages.widgets.common.errors import literal
from storage.database.store import database
from storage.errors import WhetstoneError


def ask() -> None:
    """Ask for the mail server of this home; its password goes into a file of its own."""
    known = email.server(database())
    with st.expander("Mail server", icon=":material/mail:", expanded=False):
        host = st.text_input("Server", known.host, placeholder="smtp.example.org")
        security = st.selectbox(
            "Security",
            list(email.SECURITY),
            index=list(email.SECURITY).index(known.security),
            format_func=email.SECURITY.__getitem__,
        )
        port = st.number_input("Port", 1, 65535, known.port)
        user = st.text_input("User", known.user)
        password = st.text_input(
            "Password",
            type="password",
            placeholder="kept" if email.has_password() else "",
            help="Kept in a file that only you may read, apart from database and backups. "
            f"{email.PASSWORD_VARIABLE} in the environment comes before it.",
        )
        sender = st.text_input("From", known.sender, placeholder="whetstone@example.org")
        if st.button("Keep the server", key="monitor-smtp"):
            try:
                asked = email.Server(host.strip(), int(port), security, user, sender.strip())
                email.choose(database(), asked, password or None)
                known = asked
                st.toast("The mail server is kept.", icon=":material/check:")
            except WhetstoneError as error:
                st.error(literal(str(error)), icon=":material/error:")
        if known.host and st.button("Send a test letter", key="monitor-smtp-test"):
            _try(known.sender)


def _try(target: str) -> None:
    with st.spinner("Sending"):
        problem = delivery.try_letter(database(), target)
    if problem:
        st.error(literal(problem), icon=":material/error:")
    else:
        st.success(f"Sent to {literal(target)}.", icon=":material/check_circle:")
