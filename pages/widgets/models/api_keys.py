"""API keys: who may ask the service. A key's secret is shown once, when it is made."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.widgets.common import errors, leave
from pages.widgets.common.errors import literal
from pages.widgets.models.wording import when
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.serving import keys
from storage.serving.keys import ApiKey
from storage.types import Project

_TURN = "api-key-turn"
OPEN = (
    "Without a key the service answers this computer alone, and everybody on it. From the first "
    "one on whoever asks needs a key, for good: revoking opens nothing again."
)
CLOSED = (
    "Whoever asks sends one of these. Each can be revoked by itself, and is refused from the next "
    "request on; once all are revoked nobody is let in."
)
SHUT = "All keys are revoked: nobody is let in until another one is made."


def show(project: Project) -> None:
    """List the keys, and let whoever may make one or revoke one."""
    known = keys.list_keys(database(), project.id)
    valid = [each for each in known if each.revoked_at is None]
    st.subheader("API keys")
    st.caption(CLOSED if valid else SHUT if known else OPEN)
    for key in valid:
        _row(key)
    _make(project)
    _list_revoked([each for each in known if each.revoked_at])


def _row(key: ApiKey) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"api-key-{key.id}"):
        st.markdown(f"**{literal(key.name)}** `{key.start}…`", width="content")
        used = f"last used {when(key.used_at)}" if key.used_at else "not used yet"
        made = f"made {when(key.made_at)} by {literal(key.made_by)}"
        st.caption(f"{used} · {made}", width="stretch")
        with st.popover("Revoke", key=f"revoking-{key.id}", **leave.to(keys.revoke)):
            st.markdown(f"Whoever asks with **{literal(key.name)}** is refused from now on.")
            pressed = st.button("Revoke this key", type="primary", key=f"revoke-{key.id}")
            if pressed and errors.attempt(lambda: keys.revoke(database(), key.id)):
                st.rerun()


def _make(project: Project) -> None:
    # What was typed stays where it is refused; the next key has a field of its own.
    turn = st.session_state.setdefault(_TURN, 0)
    form = st.form(f"api-key-{turn}", border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Whose key it is, or what for",
            key=f"api-key-name-{turn}",
            max_chars=200,
            placeholder="The ticket system",
            width=320,
        )
        pressed = st.form_submit_button("Make a key", icon=":material/key:", **leave.to(keys.issue))
    if pressed:
        try:
            key, secret = keys.issue(database(), project.id, name)
        except WhetstoneError as error:
            errors.show(error)
            return
        st.session_state[_TURN] = turn + 1
        _tell(key, secret)


@st.dialog("Copy the key now", dismissible=False)
def _tell(key: ApiKey, secret: str) -> None:
    """Show a secret once: when this is closed, nothing here can tell it again."""
    st.markdown(f"The key **{literal(key.name)}**. It is not shown again.")
    st.code(secret, language=None, wrap_lines=True)
    if st.button("I have copied it", type="primary", key="api-key-copied"):
        st.rerun()


def _list_revoked(revoked: Sequence[ApiKey]) -> None:
    if not revoked:
        return
    with st.expander(f"Revoked ({len(revoked):,})"):
        for key in revoked:
            st.caption(f"{literal(key.name)} `{key.start}…` · revoked {when(key.revoked_at or '')}")
