"""Lists of labels as other tools keep them: added from a file, and given out as one."""

from __future__ import annotations

import streamlit as st

from engine import tasks
from engine.formats import InputFile, Shape, label_lists
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.corpus import projects
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.types import Label, Project

_MOST_MEGABYTES = 5
_NAMED = 10
_TITLES = {"label_studio": "Label Studio", "doccano": "doccano", "text": "Names only"}


def show(project: Project) -> None:
    """Offer both ways behind one button."""
    with st.popover("Lists", icon=":material/list_alt:"):
        _take(project)
        if project.labels:
            _give(project)


def _take(project: Project) -> None:
    upload = st.file_uploader(
        "Add labels from a file",
        type=["xml", "json", "conf", "txt"],
        max_upload_size=_MOST_MEGABYTES,
        key=f"label-list-{project.id}",
        help="Label Studio's labelling configuration, doccano's label file, brat's "
        "annotation.conf, or a name a line; with their colours and keys.",
    )
    if upload is None:
        return
    try:
        found = label_lists.read(InputFile(upload.name, upload.getvalue()))
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    known = {label.name for label in project.labels}
    new = [label.name for label in found if label.name not in known]
    st.caption(_said(found, new))
    if new and st.button(f"Add {count(len(new), 'label')}", type="primary", icon=":material/add:"):
        _add(project, found)


def _said(found: tuple[Label, ...], new: list[str]) -> str:
    if not new:
        return f"{count(len(found), 'label')} in the file, all of them are here."
    more = f" and {len(new) - _NAMED:,} more" if len(new) > _NAMED else ""
    return literal(
        f"{count(len(found), 'label')} in the file, {len(new):,} of them new: "
        f"{', '.join(new[:_NAMED])}{more}."
    )


def _add(project: Project, found: tuple[Label, ...]) -> None:
    try:
        projects.add_listed(database(), project.id, found)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.rerun()


def _give(project: Project) -> None:
    shape = Shape.of(tasks.get(project.task))
    st.caption("Take these labels with you")
    with st.container(horizontal=True, gap="small"):
        for layout, end in label_lists.LAYOUTS.items():
            st.download_button(
                _TITLES[layout],
                label_lists.write(project.labels, layout, shape.whole, shape.several),
                f"labels{end}",
                icon=":material/download:",
                on_click="ignore",
            )
