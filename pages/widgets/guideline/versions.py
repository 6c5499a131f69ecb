"""Versions of a guideline: who changed what, when, why; two of them compared; the way back."""

from __future__ import annotations

from datetime import datetime
from html import escape

import streamlit as st

from pages.widgets.common import leave
from pages.widgets.common.errors import literal
from pages.widgets.guideline import sentences
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.knowledge import guidelines
from storage.knowledge.versions import difference
from storage.knowledge.versions.difference import Changed, Difference
from storage.knowledge.versions.said import Version
from storage.types import Project

SHOWN = 8
STYLE = """
<style>
.ws-diff { display: grid; gap: .9rem; overflow-wrap: anywhere; }
.ws-diff pre { margin: 0; padding: .5rem .7rem; white-space: pre-wrap; font: inherit;
  background: none; border: 1px solid color-mix(in srgb, currentColor 20%, transparent);
  border-radius: .5rem; max-height: 24rem; overflow: auto; }
.ws-diff h4 { font-size: 1rem; margin: 0 0 .25rem; padding: 0; }
.ws-diff p { margin: 0 0 .2rem; white-space: pre-wrap; }
.ws-diff ins, .ws-diff del { display: block; text-decoration: none; padding: 0 .35rem; }
.ws-diff p ins, .ws-diff p del { display: inline; }
.ws-diff ins { background: color-mix(in srgb, #1a7f5a 18%, transparent); }
.ws-diff del { background: color-mix(in srgb, #c0392b 16%, transparent); }
.ws-diff small { opacity: .75; }
</style>
"""


def caption(version: Version) -> str:
    """Say which version it is, who made it and when, as Markdown."""
    parts = [f"Version {version.number}"]
    parts += [literal(version.author)] if version.author else []
    parts += [_when(version)] if version.created_at else []
    return " · ".join(parts)


def show(project: Project) -> None:
    """Show all versions, newest first, and what differs between two of them."""
    history = guidelines.history(database(), project.id)
    if len(history) == 1:
        st.info(
            "This is the first version. A change of the text, of what a label is or is not, or of "
            "its examples makes the next one; what was labelled knows under which it was.",
            icon=":material/history:",
        )
        return
    listed = _of_label(project, history)
    for version in listed[: st.session_state.get("versions-shown", SHOWN)]:
        _row(project, version, history[0].number)
    if len(listed) > st.session_state.get("versions-shown", SHOWN):
        st.button("Show all", on_click=_show_all, args=(len(listed),), type="tertiary")
    _compare(history)


def _of_label(project: Project, history: list[Version]) -> list[Version]:
    names = {label.id: label.name for label in project.labels}
    chosen = st.selectbox(
        "Changes of",
        [None, *names],
        format_func=lambda id: "everything" if id is None else names[id],
        key="version-label",
        width=300,
    )
    return history if chosen is None else difference.of_label(history, chosen)


def _row(project: Project, version: Version, newest: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", gap=None):
            st.markdown(literal(version.note) or "*As it began*")
            st.caption(caption(version))
        if version.number == newest:
            st.badge("In force", color="green")
            return
        st.button(
            "Take back to this",
            icon=":material/undo:",
            key=f"version-{version.number}",
            on_click=_take_back,
            args=(project.id, version.number),
            **leave.to(guidelines.take_back, "As a new version: nothing is lost."),
        )


def _take_back(project_id: int, number: int) -> None:
    try:
        guidelines.take_back(database(), project_id, number)
    except WhetstoneError as error:
        st.session_state["guideline-error"] = str(error)


def _compare(history: list[Version]) -> None:
    known = {version.number: version for version in history}
    numbers = list(known)
    st.subheader("What differs", divider="gray")
    with st.container(horizontal=True):
        older = st.selectbox("From", numbers[1:], format_func=_name, key="version-a", width=160)
        newer = st.selectbox("To", numbers, format_func=_name, key="version-b", width=160)
    found = difference.between(known[min(older, newer)], known[max(older, newer)])
    if found.is_none:
        st.caption("They say the same.")
    else:
        st.html(STYLE + drawn(found))


def drawn(found: Difference) -> str:
    """Return HTML for what two versions say differently; needs STYLE."""
    text = "".join(_line(each.sign, each.text) for each in found.lines)
    parts = [f"<section><h4>Text</h4><pre>{text}</pre></section>"] if text else []
    parts += [_label(each) for each in found.labels]
    return f'<div class="ws-diff">{"".join(parts)}</div>'


def _line(sign: str, text: str) -> str:
    words = escape(text) or " "
    tag = {"+": "ins", "-": "del"}.get(sign)
    return f'<{tag} dir="auto">{words}</{tag}>' if tag else f"{words}\n"


def _label(changed: Changed) -> str:
    words = "".join(
        f'<p dir="auto"><small>{field}:</small> '
        + (f"<del>{escape(before)}</del> " if before else "")
        + (f"<ins>{escape(after)}</ins>" if after else "")
        + "</p>"
        for field, before, after in changed.words
    )
    for tag, shown in (("ins", changed.added), ("del", changed.removed)):
        for each in shown:
            words += f"<{tag}>{sentences.plain(each)}</{tag}>"
    return f"<section><h4><bdi>{escape(changed.name)}</bdi></h4>{words}</section>"


def _name(number: int) -> str:
    return f"Version {number}"


def _when(version: Version) -> str:
    return f"{datetime.fromisoformat(version.created_at).astimezone():%d %b %Y, %H:%M}"


def _show_all(count: int) -> None:
    st.session_state["versions-shown"] = count
