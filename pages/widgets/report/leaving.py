"""How a report leaves: as a file of any format, or as a table that is copied into a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from engine.evaluation.confusion import Confusion
from engine.exports import contents, spreadsheet
from engine.exports.formats import FORMATS, Format
from engine.inspection import telling
from engine.knowledge.cards import model_card, reading
from engine.runner import folder_of
from engine.runs import files, snapshot
from pages.widgets.common import errors
from pages.widgets.downloads.texts import stem
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.types import Project, Run, Split

CONFUSION = "Confusion table"


def offer(project: Project, run: Run, split: str, scores: Mapping) -> None:
    """Offer every format, each made when it is clicked, and the tables of what is shown."""
    box = st.popover("Export", icon=":material/download:", key="export", on_change="rerun")
    if not box.open:
        return
    with box:
        try:
            files.read_object(folder_of(run) / files.REPORT)
            snapshot.count(folder_of(run))
        except WhetstoneError as error:
            errors.show(error)
            return
        with st.container(gap=None):
            for name, form in FORMATS.items():
                _button(project, run, split, name, form)
            _card(project, run)
        _copy(scores)


def _button(project: Project, run: Run, split: str, name: str, form: Format) -> None:
    st.download_button(
        f"**{form.title}** · {form.about}",
        maker(run, split, form),
        file_name=form.file.replace("*", stem(project.name, run.title)),
        mime=form.mime,
        key=f"export-{name}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def _card(project: Project, run: Run) -> None:
    """Offer the model card as a page, too."""
    st.download_button(
        "**Model card, HTML** · the same to read and to print",
        lambda: model_card.as_html(reading.of_run(database(), run)).encode("utf-8", "replace"),
        file_name=f"{stem(project.name, run.title)}-card.html",
        mime="text/html",
        key="export-card-html",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def maker(run: Run, split: str, form: Format) -> Callable[[], bytes]:
    """Return what makes a file: of both splits, a picture of the one that is shown."""
    only = Split(split) if form.is_picture else None
    if form.is_card:
        return lambda: form.download(reading.of_run(database(), run, only))
    return lambda: form.download(telling.told_of(run, only))


def _copy(scores: Mapping) -> None:
    """Show a table as text that a spreadsheet takes as cells, with a button that copies it."""
    tables = {table["title"]: table for table in scores["tables"]}
    chosen = st.selectbox("Copy a table into a spreadsheet", [*tables, CONFUSION], key="copied")
    rows = _confusion(scores) if chosen == CONFUSION else _figures(tables[chosen])
    st.code(spreadsheet.cells(rows), language=None, height=110)


def _figures(table: Mapping) -> list[list[object]]:
    head = [table["item"]["title"], *contents.COLUMNS]
    return [head, *([row.name, *row.numbers] for row in contents.rows(table))]


def _confusion(scores: Mapping) -> list[list[object]]:
    table = Confusion.of(scores)
    rows = zip(table.rows, table.counts, strict=True)
    return [["gold \\ predicted", *table.columns], *([name, *counts] for name, counts in rows)]
