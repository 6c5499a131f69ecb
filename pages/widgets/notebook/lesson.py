"""The lesson of a round: a sentence that is saved as soon as it is left, and never lost.

What was typed stays in the session until the database has it; where somebody else wrote one
meanwhile, both are there and a person chooses.
"""

from __future__ import annotations

import streamlit as st

from pages.widgets.common.errors import literal
from storage.database import settings
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.knowledge import notebook
from storage.knowledge.notebook import LONGEST_LESSON, Entry
from storage.permissions import may, needed

HEIGHT = 68


def field(entry: Entry) -> None:
    """Show the lesson, to be written by whoever may."""
    if not may(needed(notebook.write_lesson)):
        st.markdown(f"**Lesson**: {literal(entry.lesson) or '*not written yet*'}")
        return
    _follow(entry)
    text = st.text_area(
        "Lesson",
        key=_key(entry),
        height=HEIGHT,
        max_chars=LONGEST_LESSON,
        placeholder="Lesson: what did this teach? A sentence.",
        label_visibility="collapsed",
        on_change=_keep,
        args=(entry.id,),
        persist_state="session",
    )
    if (text or "").strip() != entry.lesson:
        _unsaved(entry)
    elif entry.lesson:
        st.caption(f"Lesson, saved · {literal(entry.lesson_by)}")


def _keep(entry_id: int, over: bool = False) -> None:
    """Save what was typed; over what somebody else wrote meanwhile only if that is asked for."""
    key = f"lesson-{entry_id}"
    typed = (st.session_state.get(key) or "").strip()
    base = None if over else st.session_state.get(f"{key}-base", "")
    try:
        kept = notebook.write_lesson(
            database(), entry_id, typed, settings.annotator(database()), base
        )
    except WhetstoneError as error:
        st.session_state[f"{key}-why"] = str(error)
    else:
        st.session_state[f"{key}-base"] = kept.lesson
        st.session_state.pop(f"{key}-why", None)


def _unsaved(entry: Entry) -> None:
    """Say why what was typed is not saved, and let a person choose."""
    key = _key(entry)
    why = st.session_state.get(f"{key}-why", "This is not saved yet.")
    st.warning(literal(why), icon=":material/call_split:")
    if entry.lesson != st.session_state.get(f"{key}-base"):
        st.markdown(f"{literal(entry.lesson_by or 'Somebody')} wrote: {literal(entry.lesson)}")
    with st.container(horizontal=True):
        st.button("Save mine", key=f"{key}-mine", on_click=_keep, args=(entry.id, True))
        st.button("Take what is saved", key=f"{key}-theirs", on_click=_take, args=(entry,))


def _take(entry: Entry) -> None:
    key = _key(entry)
    st.session_state[key] = st.session_state[f"{key}-base"] = entry.lesson
    st.session_state.pop(f"{key}-why", None)


def _follow(entry: Entry) -> None:
    """Show what was saved elsewhere, as long as nothing was typed here."""
    key = _key(entry)
    base = st.session_state.setdefault(f"{key}-base", entry.lesson)
    if st.session_state.setdefault(key, entry.lesson) == base != entry.lesson:
        _take(entry)


def _key(entry: Entry) -> str:
    return f"lesson-{entry.id}"
