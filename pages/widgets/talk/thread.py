"""One thread: what was said, a field to answer, and whether it is resolved."""

from __future__ import annotations

from datetime import datetime
from html import escape
from pathlib import Path

import streamlit as st

from pages.widgets.common import errors, leave
from pages.widgets.common.errors import literal
from storage.collaboration import threads
from storage.collaboration.about import About
from storage.collaboration.threads import LONGEST, Comment, Thread
from storage.database.store import database
from storage.types import Project

HINT = "@ and a name tells somebody"


def show(thread: Thread) -> None:
    """Show a thread whole; whom it names has seen it then."""
    if thread.is_unread:
        threads.see(database(), thread.id)
    st.html(Path(__file__).with_suffix(".css"))
    for comment in thread.comments:
        _comment(comment)
    _answer(thread)


def begin(project: Project, about: About, key: str, label: str = "Ask, or note something") -> None:
    """Show the field that begins a thread about something."""
    asked = leave.to(threads.ask)
    with st.form(f"{key}-begin", border=False, clear_on_submit=True):
        text = _field(label, f"{key}-text")
        sent = st.form_submit_button("Send", icon=":material/send:", **asked)
    if sent and errors.attempt(lambda: threads.ask(database(), project.id, about, text)):
        st.rerun()


def _comment(comment: Comment) -> None:
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        edited = f" · edited {moment(comment.edited_at)}" if comment.edited_at else ""
        st.html(
            f'<div class="ws-said"><b>{escape(comment.author)}</b> '
            f"<small>{moment(comment.created_at)}{edited}</small>"
            f'<p dir="auto">{escape(comment.text)}</p></div>',
            width="stretch",
        )
        if comment.is_mine:
            _change(comment)


def _change(comment: Comment) -> None:
    asked = leave.to(threads.change)
    box = st.popover(
        "",
        icon=":material/edit:",
        type="tertiary",
        key=f"comment-{comment.id}",
        on_change="rerun",
        help="Edit or delete this comment",
    )
    if not box.open:
        return
    with box, st.form(f"comment-{comment.id}-form", border=False):
        key = f"comment-{comment.id}-text"
        text = st.text_area("Comment", comment.text, key=key, max_chars=LONGEST)
        with st.container(horizontal=True):
            saved = st.form_submit_button("Save", type="primary", **asked)
            gone = st.form_submit_button("Delete", icon=":material/delete:", **asked)
    if saved and errors.attempt(lambda: threads.change(database(), comment.id, text)):
        st.rerun()
    if gone and errors.attempt(lambda: threads.remove(database(), comment.id)):
        st.rerun()


def _answer(thread: Thread) -> None:
    asked = leave.to(threads.reply)
    with st.form(f"thread-{thread.id}", border=False, clear_on_submit=True):
        text = _field("Answer", f"thread-{thread.id}-text")
        with st.container(horizontal=True, vertical_alignment="center"):
            sent = st.form_submit_button("Answer", icon=":material/reply:", **asked)
            turned = st.form_submit_button(
                "Resolve" if thread.is_open else "Open again",
                icon=":material/check:" if thread.is_open else ":material/undo:",
                **asked,
            )
            if thread.resolved_at:
                st.caption(f"Resolved by {literal(thread.resolved_by or '')}", width="content")
    if sent and errors.attempt(lambda: threads.reply(database(), thread.id, text)):
        st.rerun()
    turn = threads.resolve if thread.is_open else threads.reopen
    if turned and _answered(thread, text) and errors.attempt(lambda: turn(database(), thread.id)):
        st.rerun()


def _answered(thread: Thread, text: str) -> bool:
    """Send what was typed before a thread is resolved: a click must not lose it."""
    return not text.strip() or errors.attempt(lambda: threads.reply(database(), thread.id, text))


def _field(label: str, key: str) -> str:
    return st.text_area(
        label,
        key=key,
        height=80,
        max_chars=LONGEST,
        placeholder=f"{label}. {HINT}",
        label_visibility="collapsed",
    )


def moment(at: str) -> str:
    """Return a time as it is here: of today the hour, else the day."""
    then = datetime.fromisoformat(at).astimezone()
    today = then.date() == datetime.now().astimezone().date()
    return f"{then:%H:%M}" if today else f"{then:%d %b %Y, %H:%M}"
