"""Who is signed in, in the sidebar of every page; and what a page shows to nobody."""

from __future__ import annotations

import html

import streamlit as st

from pages.access import places, session
from pages.access.session import SignedOutError
from pages.widgets.common.errors import literal
from storage import permissions
from storage.accounts import sessions
from storage.database.store import database


def enter() -> None:
    """Go on for whoever is signed in, or need not be; else show the way to the login page."""
    try:
        permissions.current()
    except SignedOutError:
        show_way_in()
        st.stop()
    session.bind()


def show_way_in() -> None:
    """Show the way to the login page, and nothing else."""
    st.navigation([st.Page(_nothing, title="Sign in", default=True)], position="hidden")
    if session.token():
        st.title("You are signed out")
        st.write("Your session has ended. What you have edited and was not saved yet waits here.")
    else:
        # The page was open before there was the first account.
        st.title("Sign in from now on")
        st.write("Accounts are made: everybody signs in with the name and password of theirs.")
    # A page of this server that is none of Streamlit's: in the same tab.
    there = html.escape(places.under(places.LOGIN))
    st.html(f'<a href="{there}" target="_self" class="sign-in">Sign in</a>')


def _nothing() -> None:
    return None


def refuse(title: str, why: str) -> None:
    """Say in a page's place why it does not open."""
    st.title(title)
    st.info(literal(why), icon=":material/lock:")


def say_who() -> None:
    """Say below the menu who is signed in, with the way out."""
    person = permissions.current()
    if person is None:
        return
    row = st.sidebar.container(
        key="signed-in", horizontal=True, vertical_alignment="center", gap="xsmall"
    )
    with row:
        st.caption(f"Signed in as **{literal(person.name)}**, {person.role}", width="content")
        st.button("Sign out", icon=":material/logout:", type="tertiary", on_click=sign_out)


def sign_out() -> None:
    """End this browser's session; also the provider's, where one vouched for it."""
    sessions.end(database(), session.token())
    if st.user.get("is_logged_in"):
        st.logout()
