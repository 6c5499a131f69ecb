"""Backups of the database: those there are, one more, and going back to one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import streamlit as st

from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.backups import copies, restoring
from storage.backups.copies import Backup, Counts
from storage.database.connection import file_of
from storage.errors import WhetstoneError

SHOWN = 5
KINDS = {
    copies.DAILY: "made by itself",
    copies.ASKED: "asked for",
    copies.ASIDE: "put aside by a restore",
}


def show() -> None:
    """Show the backups, with a button for a new one and one for each to go back to it."""
    path = file_of()
    if path is None:
        st.write(
            "The database lies on a PostgreSQL server, whose own tools make backups (`pg_dump`) "
            "and go back to them (`pg_restore`)."
        )
        return
    if moment := st.session_state.pop("restored", None):
        st.success(f"Restored: {moment}. Reload other open tabs.")
    known = copies.known(path)
    if not known:
        st.write("There is no backup yet.")
    if st.button("Back up now", icon=":material/backup:"):
        _back_up(path)
    choose(path, known, may_drop=True)


def choose(path: Path, known: list[Backup], *, may_drop: bool = False) -> None:
    """List backups, the newest first, each with a button to go back to it, or to delete it."""
    with st.container(gap="xsmall"):
        for backup in known[:SHOWN]:
            _row(path, backup, may_drop)
    if known[SHOWN:]:
        with st.expander(f"{count(len(known) - SHOWN, 'older backup')}"):
            for backup in known[SHOWN:]:
                _row(path, backup, may_drop)


def _row(path: Path, backup: Backup, may_drop: bool) -> None:
    held = copies.counts(backup)
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.markdown(
            f"**{_moment(backup)}** · {KINDS.get(backup.kind, 'before an upgrade')} · "
            f"{_held(held)} · {backup.size / 1e6:,.1f} MB",
            width="content",
        )
        with st.container(horizontal=True, width="content"):
            if st.button("Restore", key=f"restore-{backup.name}", disabled=held is None):
                _confirm(path, backup)
            if may_drop and st.button(
                "", key=f"drop-{backup.name}", icon=":material/delete:", help="Delete this copy"
            ):
                _confirm_drop(path, backup)


def _back_up(path: Path) -> None:
    try:
        with st.spinner("Copying the database"):
            copies.make(path, copies.ASKED)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.toast("The backup is made.", icon=":material/check:")
        st.rerun()


@st.dialog("Go back to this backup?")
def _confirm(path: Path, backup: Backup) -> None:
    ask(path, backup)


@st.dialog("Delete this backup?")
def _confirm_drop(path: Path, backup: Backup) -> None:
    st.write(
        f"{_moment(backup)} · {_held(copies.counts(backup))}. The database itself stays as it "
        "is; this copy cannot be gone back to any more."
    )
    if st.button("Delete", type="primary", key="drop"):
        drop(path, backup)


def drop(path: Path, backup: Backup) -> None:
    """Delete a copy and show the others."""
    try:
        copies.drop(path, backup.name)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.rerun()


def ask(path: Path, backup: Backup) -> None:
    """Say what goes out of sight with a restore, and do it at a click."""
    held, now = copies.counts(backup), copies.present(path)
    st.table(
        {
            "": [_moment(backup), "Now"],
            "Documents": [_number(held, "documents"), _number(now, "documents")],
            "Edits": [_number(held, "edits"), _number(now, "edits")],
        },
        hide_index=True,
    )
    st.write(f"{_lost(held, now)} The present database is kept aside, and comes into the list.")
    if st.button("Restore", type="primary", key="restore"):
        _restore(path, backup)


def _restore(path: Path, backup: Backup) -> None:
    try:
        with st.spinner("Restoring"):
            restoring.restore(path, backup.path)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.session_state.clear()
    st.session_state["restored"] = _moment(backup)
    st.rerun()


def _lost(held: Counts | None, now: Counts | None) -> str:
    """Say what goes out of sight, as far as it can be counted."""
    if held is None or now is None:
        return "What was done since then goes out of sight."
    edits, documents = now.edits - held.edits, now.documents - held.documents
    parts = [count(documents, "document")] if documents > 0 else []
    parts += [count(edits, "edit")] if edits > 0 else []
    if not parts:
        return "What was done since then goes out of sight."
    verb = "goes" if documents + edits == 1 else "go"
    return f"{' and '.join(parts)} of since then {verb} out of sight."


def _held(held: Counts | None) -> str:
    if held is None:
        return "damaged"
    return f"{count(held.documents, 'document')}, {count(held.edits, 'edit')}"


def _number(held: Counts | None, what: str) -> str:
    return "?" if held is None else f"{getattr(held, what):,}"


def _moment(backup: Backup) -> str:
    """Say when, in the time of this computer, where the pages are made."""
    at, today = backup.at.astimezone(), datetime.now().astimezone().date()
    return at.strftime("Today, %H:%M" if at.date() == today else "%d %b %Y, %H:%M")
