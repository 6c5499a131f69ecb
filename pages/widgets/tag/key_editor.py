"""The keys of the tagger: a table of all, and a form to change one."""

from __future__ import annotations

import streamlit as st

from pages.widgets.common import tables
from pages.widgets.common.errors import literal
from pages.widgets.tag import keymap
from pages.widgets.tag.keymap import Command
from storage.corpus import projects
from storage.database import settings
from storage.database.store import database
from storage.errors import InputError

SETTING = "keys"


def chosen() -> dict[str, str]:
    """Return the keys that differ from the commands' own, by command."""
    known = {command.name for command in keymap.commands()}
    saved = settings.get(database(), SETTING, {})
    return {name: key for name, key in saved.items() if name in known}


def show() -> None:
    """Show the keys, what stands in their way, and the means to change them."""
    keys = chosen()
    for warning in keymap.shadowed(keys, projects.list_projects(database())):
        st.warning(literal(warning), icon=":material/keyboard:")
    _change(keys)
    with st.expander(f"All {len(keymap.commands())} keys"):
        _table(keys)
    if keys and st.button("Reset all keys", icon=":material/restart_alt:"):
        _store({}, "All keys are as they were at first.")


def _change(keys: dict[str, str]) -> None:
    left, middle, right = st.columns([4, 2, 3], vertical_alignment="bottom")
    command = left.selectbox(
        "Command", keymap.commands(), format_func=lambda each: each.title, key="key-command"
    )
    bound = keymap.bound(keys)[command.name]
    typed = middle.text_input(
        "Key",
        bound[0] if bound else "",
        max_chars=30,
        placeholder="none",
        help="A letter or a sign, or a name like Enter, F2 or Left; Shift+J, Ctrl+K or Alt+P "
        "with another key held down. Empty takes the command's key away.",
        key=f"key-of-{command.name}-{'-'.join(bound)}",
    )
    with right.container(horizontal=True):
        if st.button("Save key"):
            _save(command, typed, keys)
        if command.name in keys and st.button("Reset this key"):
            _reset(command, keys)


def _save(command: Command, typed: str, keys: dict[str, str]) -> None:
    try:
        key = keymap.parse(typed) if typed.strip() else ""
        if key:
            keymap.check(command.name, key, keys, projects.list_projects(database()))
    except InputError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    said = f"{keymap.cap(key)} now means: {command.help}." if key else f"No key: {command.help}."
    own = command.keys == (key,)
    _store({**_without(keys, command), **({} if own else {command.name: key})}, said)


def _reset(command: Command, keys: dict[str, str]) -> None:
    rest = _without(keys, command)
    try:
        for key in command.keys:
            keymap.check(command.name, key, rest, [])
    except InputError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    _store(rest, f"As it was at first: {command.help}.")


def _without(keys: dict[str, str], command: Command) -> dict[str, str]:
    return {name: key for name, key in keys.items() if name != command.name}


def _store(keys: dict[str, str], said: str) -> None:
    settings.put(database(), SETTING, keys)
    st.toast(literal(said), icon=":material/check:")
    st.rerun()


def _table(keys: dict[str, str]) -> None:
    bound = keymap.bound(keys)
    tables.show(
        [
            {
                "Key": " or ".join(map(keymap.cap, bound[command.name])) or "none",
                "What it does": command.title,
                "At first": " or ".join(map(keymap.cap, command.keys)),
            }
            for command in keymap.commands()
        ],
        hide_index=True,
        width="content",
        height="content",
    )
