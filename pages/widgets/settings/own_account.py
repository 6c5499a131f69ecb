"""One's own account: name, role, a new password."""

from __future__ import annotations

import streamlit as st

from pages.access.limits import Attempts
from pages.widgets.common.errors import literal
from storage.accounts import accounts, passwords
from storage.database.store import database
from storage.errors import RefusedError, WhetstoneError
from storage.permissions import Ability, Person, holders

WIDTH = 860
# Whoever finds a browser signed in could else guess there as often as they like.
_tries = Attempts()


def show(person: Person) -> None:
    """Say who is signed in and what they may, and offer a new password."""
    st.write(f"You are **{literal(person.name)}**. What you label carries this name.")
    may = [str(each) for each in Ability if person.may(each)]
    st.write(f"As **{person.role}** you may {'; '.join(may)}.")
    for who, others in _kept_for_others(person).items():
        st.caption(f"Only {who} may {'; '.join(others)}.")
    account = accounts.find(database(), person.name)
    if account and account.has_password:
        _password(person)


def _kept_for_others(person: Person) -> dict[str, list[str]]:
    """Return what a person may not do, by the roles that may."""
    found: dict[str, list[str]] = {}
    for each in Ability:
        if not person.may(each):
            who = " and ".join(f"{role}s" for role in holders(each))
            found.setdefault(who, []).append(str(each))
    return found


def _password(person: Person) -> None:
    with st.container(border=True, width=WIDTH), st.form("own-password", border=False):
        st.subheader("Password")
        old = st.text_input("Present password", type="password", max_chars=passwords.LONGEST)
        new = st.text_input(
            "New password",
            type="password",
            max_chars=passwords.LONGEST,
            help=f"At least {passwords.SHORTEST} characters: several words are good.",
        )
        again = st.text_input("New password again", type="password", max_chars=passwords.LONGEST)
        asked = st.form_submit_button("Change password", type="primary")
    if asked and new != again:
        st.error("The new password was not typed twice the same: nothing was changed.")
    elif asked:
        _change(person, old, new)


def _change(person: Person, old: str, new: str) -> None:
    if wait := _tries.begin(person.name, person.name):
        st.error(f"Too many tries: wait {int(wait // 60) + 1} minutes, and then try again.")
        return
    refused: WhetstoneError | None = None
    try:
        accounts.change_password(database(), person.name, old, new)
    except WhetstoneError as error:
        refused = error
    if not isinstance(refused, RefusedError):
        # The present one was right, whatever the new one is like.
        _tries.succeeded(person.name, person.name)
    if refused:
        st.error(literal(str(refused)))
    else:
        # All sessions have ended, this one too.
        st.rerun()
