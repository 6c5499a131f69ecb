"""Labels: one table in which each is coloured, described, ordered, and changed with its spans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from pages.widgets.common import colors, label_changes, words
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import require_project
from pages.widgets.common.words import count
from pages.widgets.data import label_lists, label_operations
from pages.widgets.guideline import again
from pages.widgets.tag import key_editor, keymap
from storage import tasks
from storage.actions import relabelling
from storage.corpus import projects
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.finding import progress
from storage.types import Label, Project

PAGE = 25
NARROW = """<style>
@media (min-width: 40.0625rem) { [class*="st-key-described-"] { display: none } }
</style>"""
_ERROR = "label-error"
SPAN_EXAMPLES = (
    "An example: in “Dr. Ada Lovelace”, label “Ada Lovelace”",
    "And what it is not: “the countess”",
)
WHOLE_EXAMPLES = ("An example: a text that gets it", "And a text that is near to it, but does not")


def show(project: Project | None) -> None:
    """Show the field for new labels, the labels, each in its row, and what was changed."""
    project = project or require_project()
    label_changes.say(project)
    if error := st.session_state.pop(_ERROR, None):
        st.error(literal(error), icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _new(project)
        label_lists.show(project)
    again.show(project)
    st.html(NARROW)
    if project.labels:
        used = progress.of(database(), project.id).by_label
        for label in _page(project):
            _row(project, label, used.get(label.name, 0))
    else:
        st.info("No labels yet: name some above, one per kind of thing you look for.")
    label_changes.show(project)


def _new(project: Project) -> None:
    with (
        st.form("new_labels", clear_on_submit=True, border=False, width="content"),
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
    ):
        names = st.text_input(
            "New labels",
            placeholder="New labels, with commas between",
            label_visibility="collapsed",
            width=330,
        )
        if st.form_submit_button("Add", icon=":material/add:"):
            _carry_out(lambda: projects.add_labels(database(), project.id, _split(names)))
        st.page_link("guideline.py", label="Guideline", icon=":material/menu_book:")


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _page(project: Project) -> tuple[Label, ...]:
    """Return the labels to show, of many a page."""
    pages = -(-len(project.labels) // PAGE)
    page = st.pagination(pages, key=f"labels-{project.id}") if pages > 1 else 1
    return project.labels[(page - 1) * PAGE : page * PAGE]


def _row(project: Project, label: Label, used: int) -> None:
    """Show a label in one line; what is changed there is saved at once."""
    is_open = st.session_state.get("label") == label.id
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _field(st.color_picker, "Colour", project, label, "color", width=40)
        st.html(colors.chip(label.name, label.color, colors.current()), width=130)
        _field(
            st.text_input, "Key", project, label, "key", max_chars=1, width=50, placeholder="key"
        )
        _field(
            st.text_input,
            "Description",
            project,
            label,
            "description",
            max_chars=2_000,
            placeholder="What it is",
            width="stretch",
        )
        st.caption(count(used, words.of(project).mark), width=85)
        st.button(
            "Close" if is_open else "More",
            icon=":material/expand_less:" if is_open else ":material/more_horiz:",
            key=f"label-{label.id}-more",
            type="tertiary",
            on_click=_open,
            args=(None if is_open else label.id,),
        )
    if label.description:
        # A narrow screen cuts the field off.
        with st.container(key=f"described-{label.id}"):
            st.caption(literal(label.description))
    _warn(label.key)
    if is_open:
        with st.container(border=True):
            _details(project, label)


def _details(project: Project, label: Label) -> None:
    """Show the rest: examples, how the colour looks, the order, what changes its marks."""
    examples = WHOLE_EXAMPLES if tasks.marks_whole(project.task) else SPAN_EXAMPLES
    _field(
        st.text_input,
        "Example",
        project,
        label,
        "positive",
        max_chars=500,
        placeholder=examples[0],
    )
    _field(
        st.text_input,
        "Counterexample",
        project,
        label,
        "negative",
        max_chars=500,
        placeholder=examples[1],
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(_preview(label.name, label.color), width=260)
        _order(project, label)
    _contrast(project, label)
    label_operations.show(project, label)


def _field(kind: Callable, title: str, project: Project, label: Label, name: str, **options):
    """Show one of a label's fields as the database has it, which hears of a change at once."""
    key = f"label-{label.id}-{name}"
    st.session_state[key] = getattr(label, name)
    return kind(
        literal(f"{title} of {label.name}"),
        key=key,
        label_visibility="collapsed",
        on_change=_save,
        args=(project.id, label.id, name, key),
        **options,
    )


def _save(project_id: int, label_id: int, name: str, key: str) -> None:
    _store(project_id, label_id, **{name: st.session_state[key].strip()})


def _store(project_id: int, label_id: int, **fields: Any) -> None:
    """Change fields of a label as it is by now; what is wrong is said by the next run."""
    try:
        found = projects.list_labels(database(), project_id)
        label = next((each for each in found if each.id == label_id), Label("", id=label_id))
        projects.update_label(database(), replace(label, **fields))
    except WhetstoneError as error:
        st.session_state[_ERROR] = str(error)


def _open(label_id: int | None) -> None:
    st.session_state["label"] = label_id


def _warn(key: str) -> None:
    """Say which command of the tagger a label's key takes the place of."""
    if key and (command := keymap.owner(keymap.of_label(key), key_editor.chosen())):
        st.warning(
            literal(
                f"In the tagger {keymap.cap(keymap.of_label(key))} means “{command.help}”: with "
                "this key on the label it no longer does in this project."
            ),
            icon=":material/keyboard:",
        )


def _contrast(project: Project, label: Label) -> None:
    """Offer a better colour where a label's is hard to see."""
    poor = colors.poor_on(label.color)
    if not poor:
        return
    better = colors.nearest_good(label.color)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/contrast: Hard to see on a {poor[0]} page: the tagger "
            f"{'darkens' if poor[0] == 'light' else 'lightens'} it there.",
            width="content",
        )
        st.button(
            f"Use {better}",
            on_click=_store,
            args=(project.id, label.id),
            kwargs={"color": better},
            icon=":material/palette:",
        )


def _preview(name: str, color: str) -> str:
    boxes = (
        f'<div style="background:{colors.css(theme.background)};padding:.5rem .75rem;flex:1;'
        f'border:1px solid #8886;border-radius:.5rem;min-width:0">'
        f"{colors.chip(name, color, theme)}</div>"
        for theme in (colors.LIGHT, colors.DARK)
    )
    return f'<div style="display:flex;gap:.5rem">{"".join(boxes)}</div>'


def _order(project: Project, label: Label) -> None:
    ids = [each.id for each in project.labels]
    at = ids.index(label.id)
    moves = (("Move up", "arrow_upward", at - 1), ("Move down", "arrow_downward", at + 1))
    for title, icon, to in moves:
        if st.button(title, icon=f":material/{icon}:", disabled=not 0 <= to < len(ids)):
            _carry_out(lambda to=to: relabelling.move_label(database(), label.id, to))


def _carry_out(change) -> None:
    try:
        change()
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.rerun()
