"""A project's guideline: Markdown that cannot fetch anything, and its labels, generated."""

from __future__ import annotations

import streamlit as st

from engine.knowledge.guiding import tame
from pages.widgets.common import leave
from pages.widgets.common.errors import literal
from pages.widgets.guideline import describing, examples, sentences
from storage.corpus import projects
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.knowledge import guidelines
from storage.types import Project

LONGEST = 200_000
HEIGHT = 430
READING = 760
PLACEHOLDER = """## What counts

Label names of people, also of fictional ones. Leave titles out: Dr. **Ada Lovelace**.

## Doubtful cases

- A nickname is a name; a job is none.
"""


def read(project: Project, edit_view: str) -> None:
    """Show the guideline as everybody reads it; where there is none, offer to begin one."""
    if _draft(project) != _base(project):
        st.warning("What you wrote under Edit is not saved yet.", icon=":material/edit_note:")
    if project.guideline.strip():
        with st.container(width=READING):
            st.markdown(tame(project.guideline))
    else:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                "The guideline has no text yet: what the labels say is all that there is to go by.",
                width="stretch",
            )
            st.button(
                "Begin one",
                icon=":material/edit_note:",
                on_click=_begin,
                args=(project, edit_view),
                **leave.to(
                    projects.set_guideline,
                    "With a paragraph for each label. Nothing is saved until you save it.",
                ),
            )
    _labels(project)


def edit(project: Project) -> None:
    """Show the text beside what it will look like; a draft outlives the way to another page."""
    key = _key(project)
    st.session_state.setdefault(f"{key}-base", project.guideline)
    _follow(project)
    st.session_state.setdefault(key, project.guideline)
    one, two = st.columns(2, gap="medium")
    text = one.text_area(
        "Guideline, in Markdown",
        key=key,
        height=HEIGHT,
        max_chars=LONGEST,
        placeholder=PLACEHOLDER,
        persist_state="session",
    )
    with two:
        st.caption("Preview")
        with st.container(border=True):
            st.markdown(tame(text) if text.strip() else "*Nothing yet.*")
    with one:
        _buttons(project, text)
    describing.edit(project)
    examples.edit(project)


def _begin(project: Project, edit_view: str) -> None:
    """Open the editor with a paragraph for each label, unless something was written already."""
    st.session_state["view"] = edit_view
    if not _draft(project).strip():
        parts = [f"### {each.name}\n\n{each.description or '…'}" for each in project.labels]
        parts = ["## What counts", *parts, "## Doubtful cases", "- …"]
        st.session_state[_key(project)] = "\n\n".join(parts)


def _buttons(project: Project, text: str) -> None:
    changed = text != _base(project)
    meaning, note = _about(project) if changed else ([], "")
    elsewhere = _base(project) != project.guideline
    if elsewhere:
        _say_what_is_there(project)
    with st.container(horizontal=True, vertical_alignment="center"):
        label = "Save mine over it" if elsewhere else "Save"
        # Never disabled: what was typed last arrives here with the click itself.
        if st.button(label, type="primary", icon=":material/save:") and changed:
            _save(project, text, meaning, note)
        st.button(
            "Take theirs" if elsewhere else "Discard changes",
            icon=":material/undo:",
            disabled=not changed,
            on_click=_discard,
            args=(project,),
        )
        st.caption("Not saved yet" if changed else "Saved")


def _about(project: Project) -> tuple[list[int], str]:
    """Ask which labels mean something else by what is written, and why it is."""
    names = {label.id: label.name for label in project.labels if label.id}
    with st.container(horizontal=True):
        note = st.text_input(
            "Why",
            key=f"{_key(project)}-note",
            max_chars=500,
            placeholder="What the change is about",
            width="stretch",
        )
        meaning = st.multiselect(
            "Means something else now",
            list(names),
            format_func=names.__getitem__,
            key=f"{_key(project)}-meaning",
            placeholder="None: only wording",
            help="What was labelled with these before is offered to be looked at again.",
            width="stretch",
        )
    return meaning, note.strip()


def _say_what_is_there(project: Project) -> None:
    st.warning(
        "The guideline was saved elsewhere meanwhile. Yours is still here; nothing is lost.",
        icon=":material/call_split:",
    )
    with st.expander("What was saved elsewhere"):
        st.code(project.guideline, language=None, wrap_lines=True)


def _save(project: Project, text: str, meaning: list[int], note: str) -> None:
    try:
        saved = projects.set_guideline(database(), project.id, text, meaning, note)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.session_state[f"{_key(project)}-base"] = saved.guideline
        st.rerun()


def _discard(project: Project) -> None:
    for name in (_key(project), f"{_key(project)}-base"):
        st.session_state[name] = projects.get_project(database(), project.id).guideline


def _follow(project: Project) -> None:
    """Show what was saved elsewhere, as long as nothing was written here."""
    if _draft(project) == _base(project) != project.guideline:
        _discard(project)


def _draft(project: Project) -> str:
    return st.session_state.get(_key(project), _base(project))


def _base(project: Project) -> str:
    """Return what the draft began as."""
    return st.session_state.get(f"{_key(project)}-base", project.guideline)


def _key(project: Project) -> str:
    return f"guideline-{project.id}"


def _labels(project: Project) -> None:
    st.header("Labels", divider="gray")
    if not project.labels:
        st.caption("None yet.")
    else:
        said = guidelines.in_force(database(), project.id)
        there = [(label, said.label(label.id or 0)) for label in project.labels]
        st.html(sentences.listing(project, [(label, each) for label, each in there if each]))
    leave.page_link(
        "data.py",
        label="Edit labels",
        icon=":material/label:",
        query_params={"section": "Labels"},
    )
