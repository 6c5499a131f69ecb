"""Focus on this: the three steps in which a confusion is worked on, on every page they lead to."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.inspection import focusing
from engine.inspection.focusing import Focus
from engine.runner import has_model
from pages.widgets.common import leave
from pages.widgets.common.errors import literal
from storage.cells import Cell
from storage.corpus import projects
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.knowledge import notebook
from storage.runs import runs
from storage.types import Project, Run

DONE, OPEN = ":material/check_circle:", ":material/radio_button_unchecked:"
HEIGHT = 320


def offer(run: Run, part: Cell, label: str = "Focus on this", key: str = "begin") -> None:
    """Offer to work on a label or a cell, unless the project does so already."""
    known = focusing.current(database(), run.project_id)
    if not focusing.can(part) or (known and known.cell == part):
        return
    instead = f" It takes the place of the focus on {literal(known.title)}." if known else ""
    if st.button(
        label,
        icon=":material/center_focus_strong:",
        key=f"focus-{key}",
        type="secondary" if key == "begin" else "tertiary",
        **leave.to(
            notebook.begin,
            f"Three steps on {literal(part.title)}: read and mend its documents, settle in the "
            f"guideline what holds, train again. The notebook keeps what that brings.{instead}",
        ),
    ):
        _do(lambda: focusing.begin(database(), run.project_id, part))


def show(project: Project) -> None:
    """Show the three steps of what the project works on; nothing where that is nothing."""
    focus = focusing.current(database(), project.id)
    if focus is None:
        return
    with st.container(border=True, key="focus"):
        name, *steps = (
            column.container(gap="xsmall") for column in st.columns([4, 5, 5, 5], gap="small")
        )
        with name:
            _name(project, focus)
        with steps[0]:
            _mend(focus)
        with steps[1]:
            _settle(project, focus)
        with steps[2]:
            _train(project, focus)


def _name(project: Project, focus: Focus) -> None:
    st.markdown(f"**Focus: {literal(focus.title)}**")
    if st.button(
        "Finish",
        icon=":material/done:",
        type="tertiary",
        key="focus-finish",
        **leave.to(notebook.give_up, "Takes this panel away. What was mended and written stays."),
    ):
        _do(lambda: focusing.finish(database(), project.id))


def _mend(focus: Focus) -> None:
    seen, number = focusing.looked_at(database(), focus)
    done = number > 0 and seen >= number
    st.markdown(f"{DONE if done else OPEN} **1. Mend**: {seen:,} of {number:,} read")
    st.page_link(
        "tag.py",
        label="Open the documents",
        icon=":material/ink_highlighter:",
        query_params={"queue": focus.queue},
        help="The documents of this confusion, then where else one label was given and the other "
        "is suggested."
        if len(focus.labels) == 2
        else "The documents in which this went wrong.",
    )


def _settle(project: Project, focus: Focus) -> None:
    mark = DONE if focus.settled else OPEN
    st.markdown(f"{mark} **2. Settle** the rule")
    if focus.settled:
        st.page_link("guideline.py", label="Read the guideline", icon=":material/menu_book:")
        return
    asked = leave.to(projects.append_guideline)
    with st.popover("Write the rule", icon=":material/edit_note:", type="tertiary", **asked):
        _write(project, focus)


def _write(project: Project, focus: Focus) -> None:
    """Show a section about its labels, to be changed and put behind the guideline."""
    key = f"focus-text-{project.id}-{focus.title}"
    if key not in st.session_state:
        st.session_state[key] = focusing.section(database(), project, focus)
    text = st.text_area(
        "A section for the guideline, in Markdown", key=key, height=HEIGHT, max_chars=20_000
    )
    st.caption("It goes behind what the guideline holds; nothing there is changed.")
    if st.button("Add to the guideline", type="primary", key="focus-settle") and text.strip():
        _do(lambda: focusing.settle(database(), project.id, focus, text))


def _train(project: Project, focus: Focus) -> None:
    run = focusing.next_run(database(), focus)
    done = run is not None and has_model(run)
    st.markdown(f"{DONE if done else OPEN} **3. Learn** it{_state(run)}")
    if run is None or (run.state.final and not done):
        if st.button(
            literal(f"Train again: focus {focus.title}"),
            icon=":material/replay:",
            type="tertiary",
            key="focus-train",
            **leave.to(
                runs.create_run,
                "A run with the base model and settings of the one that was wrong here, and the "
                "labels of now.",
            ),
        ):
            _do(lambda: _begun(project, focus))
    elif done:
        st.page_link(
            "compare.py",
            label="What it changed",
            icon=":material/compare_arrows:",
            query_params={"a": str(focus.run), "b": str(run.id), "label": focus.labels[0]},
        )
    else:
        leave.page_link("train.py", label="Watch it", icon=":material/sync:")


def _state(run: Run | None) -> str:
    return f" · {literal(run.title)} {run.state}" if run else ""


def _begun(project: Project, focus: Focus) -> None:
    st.session_state["watched"] = focusing.train(database(), project.id, focus).id


def _do(action: Callable[[], object]) -> None:
    try:
        action()
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.rerun()
