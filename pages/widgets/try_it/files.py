"""A file in, a labelled file out: what it holds is labelled portion after portion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

import streamlit as st

from engine import formats, tasks
from engine.corpus import exporting, importing
from engine.formats import Shape
from engine.runner import folder_of
from pages.widgets.common import words
from pages.widgets.common.errors import literal
from pages.widgets.common.model import server
from pages.widgets.common.words import count
from pages.widgets.uploading import zone
from storage.errors import WhetstoneError
from storage.types import Document, Project, Run

SHOWN = 50
TITLES = {
    "conll": "CoNLL, one token a line",
    "doccano": "JSONL as doccano reads it",
    "csv": "CSV, a row for each text",
    "jsonl": "JSONL, an object for each text",
}
# Characters that are labelled between two looks at the Cancel button.
PORTION = 20_000


def label_file(project: Project, run: Run) -> None:
    """Ask for a file, label what it holds, and offer it for download."""
    task = tasks.get(project.task)
    upload = zone.show_one("try", "File").file
    writers = formats.writers(Shape.of(task))
    ends = {one.name: one.extensions[0] for one in writers}
    titles = {one.name: TITLES.get(one.name, one.title) for one in writers}
    format_name = st.selectbox("Write it as", list(ends), format_func=titles.get, width=360)
    if upload is None:
        st.caption(
            "A file of the kinds that Data imports; in plain text a line is a document. Labels "
            "that it brings are left out: the model says what it sees."
        )
        return
    try:
        plan = importing.plan([(upload.name, upload.path)], task=project.task)
        plan.check()
        given = plan.documents_to_add
        start = st.button(
            f"Label {count(len(given), 'document')}",
            type="primary",
            icon=":material/neurology:",
            disabled=not given,
        )
        if start:
            stem = f"{PurePath(upload.name).stem}-labelled{ends[format_name]}"
            _download(project, _label_all(run, given), stem, format_name)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")


def _label_all(run: Run, given: Sequence[Document]) -> list[Document]:
    """Label document after document; a click on Cancel ends the script between two portions."""
    labelled: list[Document] = []
    place = st.empty()
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, "The model is being loaded")
        st.button("Cancel", icon=":material/cancel:")
    for portion in _portions(given):
        labelled += server().label(folder_of(run), portion)
        done = f"{len(labelled):,} of {count(len(given), 'document')}"
        bar.progress(len(labelled) / len(given), done)
    place.empty()
    return labelled


def _portions(given: Sequence[Document]) -> Iterator[list[Document]]:
    portion: list[Document] = []
    size = 0
    for document in given:
        portion.append(document)
        size += len(document.text)
        if size >= PORTION:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _download(project: Project, labelled: Sequence[Document], name: str, format_name: str) -> None:
    exported = exporting.export(labelled, format_name, task=project.task)
    data, problems = exported.data(), exported.problems
    found = sum(len(document.spans) for document in labelled)
    st.success(
        f"{count(found, words.of(project).mark)} in {count(len(labelled), 'document')}.",
        icon=":material/check_circle:",
    )
    if problems:
        st.warning(f"What does not fit this format as it is ({len(problems):,}):")
        st.text("\n".join(p.message for p in problems[:SHOWN]))
    st.download_button(
        f"Download {count(len(labelled), 'labelled document')}",
        data,
        file_name=name,
        mime="application/octet-stream",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )
