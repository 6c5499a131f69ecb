"""What a page shows where the database is damaged, emptied or read-only, and the way out."""

from __future__ import annotations

import streamlit as st

from pages.widgets.common import errors
from pages.widgets.common.errors import literal
from pages.widgets.settings import backups
from storage import permissions
from storage.backups import copies, noted
from storage.database.connection import Database, file_of
from storage.database.store import database
from storage.errors import DamagedError, EmptiedError, NewerDatabaseError, ReadOnlyError
from storage.permissions import Ability


def show(error: Exception) -> bool:
    """Show an error that ended a page; where a backup helps, with those there are."""
    errors.show(error)
    # Before an upgrade a copy is made, to which an older version can go back.
    path = file_of() if isinstance(error, DamagedError | NewerDatabaseError) else None
    if path:
        known = copies.known(path)
        if not known:
            st.write("There is no backup.")
        elif isinstance(error, NewerDatabaseError):
            st.write("Or go back to a copy that was made before the upgrade:")
        backups.choose(path, known)
    if isinstance(error, EmptiedError) and st.button("Begin with an empty database"):
        Database.open(anew=True).close()
        st.rerun()
    return True


def warn() -> None:
    """Say on every page why nothing can be changed, while that is so."""
    _warn_of_loss()
    barrier = database().barrier()
    if isinstance(barrier, ReadOnlyError):
        st.info(literal(str(barrier)), icon=":material/lock:")
    elif barrier:
        st.error(
            f"{literal(str(barrier))} You can still read and export; nothing is saved.",
            icon=":material/error:",
        )
        st.page_link(
            "settings.py", label="Health and backups on Settings", icon=":material/backup:"
        )


def _warn_of_loss() -> None:
    """Say what the log had lost at the start, until somebody has read it."""
    path = database().path
    found = noted.of_log(path) if path else None
    if path and found:
        st.warning(literal(found.complaint), icon=":material/warning:")
        if permissions.may(Ability.ADMINISTER):
            st.button("I have read it", on_click=noted.forget_log, args=(path,))
