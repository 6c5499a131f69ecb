"""Labels: add, colour, describe, order, choose keys; and change what they stand on."""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

import streamlit as st

from pages.widgets import colors, key_editor, keymap, label_changes, label_operations
from pages.widgets.errors import literal
from pages.widgets.sidebar import require_project
from pages.widgets.store import database
from pages.widgets.words import count
from storage import projects, relabelling
from storage.errors import WhetstoneError
from storage.types import Label, Project

# With more labels than this the list scrolls by itself.
LONG_LIST = 12
LIST_HEIGHT = 620


def show(project: Project | None) -> None:
    """Show the labels, the chosen one's form, the field for new ones and what was changed."""
    project = project or require_project()
    label_changes.say()
    st.page_link("guideline.py", label="Read the guideline", icon=":material/menu_book:")
    if project.labels:
        used = projects.progress(database(), project.id).by_label
        _legend(project)
        one, two = st.columns([1, 2], gap="large")
        with one:
            chosen = _choose(project, used)
        with two:
            _edit(project, chosen)
            label_operations.show(project, chosen)
    else:
        st.info("No labels yet: name some below, one per kind of thing you look for.")
    with st.form("new_labels", clear_on_submit=True):
        names = st.text_input(
            "New labels", placeholder="PER, ORG, LOC", help="With commas between."
        )
        if st.form_submit_button("Add", icon=":material/add:"):
            _add(project, names)
    label_changes.show(project)


def _legend(project: Project) -> None:
    """Show all colours beside each other, as on the page in use."""
    chips = (colors.chip(label.name, label.color, colors.current()) for label in project.labels)
    st.html(
        f'<div style="display:flex;flex-wrap:wrap;gap:.4rem .6rem">{"".join(chips)}</div>',
    )


def _choose(project: Project, used: dict[str, int]) -> Label:
    known = {label.id: label for label in project.labels}
    if st.session_state.get("label") not in known:
        st.session_state["label"] = next(iter(known))
    with st.container(height=LIST_HEIGHT if len(known) > LONG_LIST else "content"):
        chosen = st.radio(
            "Label",
            list(known),
            format_func=lambda label_id: literal(known[label_id].name),
            captions=[_caption(label, used) for label in project.labels],
            key="label",
        )
    return known[chosen]


def _caption(label: Label, used: dict[str, int]) -> str:
    key = f"key {literal(label.key)} · " if label.key else ""
    return f"{key}{count(used.get(label.name, 0), 'span')}"


def _edit(project: Project, label: Label) -> None:
    """Show the chosen label's fields; a change of the label from elsewhere shows at once."""
    at = f"{label.id}-{crc32(repr(label).encode('utf-8', 'replace'))}"
    st.markdown(f"##### {literal(label.name)}")
    color = _color(label, at)
    key = st.text_input(
        "Key", label.key, max_chars=1, key=f"key-{at}", width=120, help="Pressed in the tagger."
    )
    _warn(key.strip())
    description = st.text_area(
        "Description", label.description, max_chars=2_000, key=f"description-{at}", height=90
    )
    positive = st.text_input(
        "An example of it",
        label.positive,
        max_chars=500,
        key=f"positive-{at}",
        placeholder="Dr. Ada Lovelace: label Ada Lovelace",
    )
    negative = st.text_input(
        "An example of what it is not",
        label.negative,
        max_chars=500,
        key=f"negative-{at}",
        placeholder="the countess",
    )
    changed = replace(
        label,
        color=color,
        key=key.strip(),
        description=description.strip(),
        positive=positive.strip(),
        negative=negative.strip(),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        # Never disabled: what was typed last arrives here with the click itself.
        if st.button("Save", type="primary", icon=":material/save:") and changed != label:
            _carry_out(lambda: projects.update_label(database(), changed))
        _order(project, label)
        st.caption("Not saved yet" if changed != label else "Saved")


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


def _color(label: Label, at: str) -> str:
    """Show the colour as it will look on both pages, and a better one where it is hard to see."""
    key = f"color-{at}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        color = st.color_picker("Colour", label.color, key=key, width=100)
        st.html(_preview(label.name, color), width=320)
    poor = colors.poor_on(color)
    if poor:
        better = colors.nearest_good(color)
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":material/contrast: Hard to see on a {poor[0]} page: the tagger "
                f"{'darkens' if poor[0] == 'light' else 'lightens'} it there.",
                width="stretch",
            )
            st.button(f"Use {better}", on_click=_put, args=(key, better), icon=":material/palette:")
    return color


def _preview(name: str, color: str) -> str:
    boxes = (
        f'<div style="background:{colors.css(theme.background)};padding:.5rem .75rem;flex:1;'
        f'border:1px solid #8886;border-radius:.5rem;min-width:0">'
        f"{colors.chip(name, color, theme)}</div>"
        for theme in (colors.LIGHT, colors.DARK)
    )
    return f'<div style="display:flex;gap:.5rem">{"".join(boxes)}</div>'


def _put(key: str, value: str) -> None:
    st.session_state[key] = value


def _order(project: Project, label: Label) -> None:
    ids = [each.id for each in project.labels]
    at = ids.index(label.id)
    moves = (("Move up", "arrow_upward", at - 1), ("Move down", "arrow_downward", at + 1))
    for words, icon, to in moves:
        if st.button(words, icon=f":material/{icon}:", disabled=not 0 <= to < len(ids)):
            _carry_out(lambda to=to: relabelling.move_label(database(), label.id, to))


def _carry_out(change) -> None:
    try:
        change()
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.rerun()


def _add(project: Project, names: str) -> None:
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    _carry_out(lambda: projects.add_labels(database(), project.id, wanted))
