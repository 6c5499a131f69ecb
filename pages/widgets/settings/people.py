"""People: the accounts of a shared server. With the first one everybody signs in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from pages.access import oidc
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage import permissions
from storage.accounts import accounts, passwords, sessions
from storage.accounts.accounts import Account
from storage.database import settings
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.permissions import IN_WORDS, Role

PAGE = 25


def show() -> None:
    """Show the accounts, and a form for another one."""
    known = accounts.known(database())
    if message := st.session_state.pop("people-done", None):
        st.success(literal(message), icon=":material/check:")
    if not known:
        st.write(
            "Nobody signs in: this server answers this computer only. Make an account for "
            "yourself, and from then on everybody signs in, and other computers may reach it."
        )
    pages = -(-len(known) // PAGE)
    page = st.pagination(pages, key="people-page") if pages > 1 else 1
    _rows(known[(page - 1) * PAGE : page * PAGE])
    with st.expander("Add a person", icon=":material/person_add:", expanded=not known):
        _form(is_first=not known)


def _rows(shown: Sequence[Account]) -> None:
    # Both are asked once: what each row asks by itself grows with the people.
    person = permissions.current()
    opened = sessions.counts(database(), [account.id for account in shown])
    for account in shown:
        _row(account, person is not None and person.name == account.name, opened[account.id])


def _row(account: Account, is_self: bool, opened: int) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        ways = "" if account.has_password else " · signs in by the provider"
        here = " · you" if is_self else ""
        still = f" · {count(opened, 'open session')}" if opened else ""
        st.markdown(
            f"**{literal(account.name)}** · {account.role}{ways}{here}{still}", width="content"
        )
        if st.button("Change", key=f"account-{account.id}"):
            _change(account)


@st.dialog("Account")
def _change(account: Account) -> None:
    """Change an account's role or password, or take it away."""
    st.markdown(f"**{literal(account.name)}**")
    with st.form("account-role", border=False):
        role = _role(account.role)
        if st.form_submit_button("Set role"):
            _do(lambda: accounts.set_role(database(), account.name, role), "Role changed.")
    if account.has_password:
        with st.form("account-password", border=False):
            new = _password("New password")
            if st.form_submit_button("Set password"):
                _do(
                    lambda: accounts.set_password(database(), account.name, new),
                    "Password changed.",
                )
    st.caption("Each of these ends the sessions that are open. What was labelled stays.")
    with st.popover("Remove this account", icon=":material/delete:"):
        st.write("They can no longer sign in; what was given to them goes back to the others.")
        if st.button("Remove", type="primary"):
            _do(lambda: accounts.remove(database(), account.name), "Account removed.")


def _form(is_first: bool) -> None:
    # What was typed stays where it is refused; the next person has a form of their own.
    turn = st.session_state.setdefault("people-turn", 0)
    with st.form(f"new-account-{turn}", border=False):
        with st.container(horizontal=True):
            own = settings.annotator(database()) if is_first else ""
            words = "Edits carry this name."
            name = st.text_input("Name", own, max_chars=accounts.LONGEST_NAME, help=words)
            password = _password("Password")
        role = Role.ADMIN if is_first else _role(Role.ANNOTATOR)
        if not is_first and oidc.is_configured():
            st.caption("Without a password: an OpenID Connect provider vouches for this e-mail.")
        with st.container(horizontal=True, vertical_alignment="center"):
            asked = st.form_submit_button(
                "Ask everybody to sign in" if is_first else "Add", type="primary"
            )
            # Beside the button, where whoever pressed it looks.
            said = st.container()
    if not asked:
        return
    with said:
        if not password and (is_first or not oidc.is_configured()):
            st.error(f"{'The first account' if is_first else 'An account'} needs a password.")
        else:
            _do(lambda: _add(name, role, password), f"{name.strip()} may sign in, as {role}.")


def _add(name: str, role: Role, password: str) -> None:
    accounts.add(database(), name, role, password)
    st.session_state["people-turn"] += 1


def _role(chosen: Role) -> Role:
    """Let one choose a role, each with what it may in a sentence."""
    roles = list(reversed(Role))
    words = [IN_WORDS[each] for each in roles]
    return Role(st.radio("Role", roles, index=roles.index(chosen), captions=words))


def _password(label: str) -> str:
    return st.text_input(
        label,
        type="password",
        max_chars=passwords.LONGEST,
        autocomplete="new-password",
        help=f"At least {passwords.SHORTEST} characters: several words are good.",
    )


def _do(change: Callable[[], object], done: str) -> None:
    try:
        change()
    except WhetstoneError as error:
        st.error(literal(str(error)))
    else:
        st.session_state["people-done"] = done
        st.rerun()
