"""Import: choose files, see what would come in, confirm."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine import importing
from pages.widgets import tables
from pages.widgets.errors import literal
from pages.widgets.sidebar import open_project
from pages.widgets.store import database
from pages.widgets.words import count
from storage import documents, settings
from storage.errors import WhetstoneError
from storage.types import Project, Severity, Split

FORMATS = {
    "auto": "Find out by itself",
    "conll": "CoNLL (one token a line)",
    "doccano": "JSONL as doccano writes it",
    "prodigy": "JSONL as Prodigy writes it",
    "csv": "CSV or TSV table",
    "text": "Plain text",
}
SPLITS = {None: "From the file names, else train", **{split: str(split) for split in Split}}
UNITS = ("line", "paragraph")
MOST_MEGABYTES = 50
SHOWN = 200


def show(project: Project | None) -> None:
    """Show the form, then the dry run of the files in it."""
    _say_what_came_in()
    name = _target(project)
    uploads = st.file_uploader(
        "Files",
        accept_multiple_files=True,
        max_upload_size=MOST_MEGABYTES,
        key=f"uploads-{st.session_state.get('imports', 0)}",
        help="CoNLL, JSONL, CSV, TSV or plain text in UTF-8.",
    )
    one, two = st.columns(2)
    format_name = one.selectbox("Format", list(FORMATS), format_func=FORMATS.get)
    split = two.selectbox("Split", list(SPLITS), format_func=SPLITS.get)
    if not uploads:
        st.caption("Nothing is imported before you have seen what would come in and confirmed it.")
        return
    skip_bad = st.session_state.get("skip_bad", False)
    try:
        plan = importing.plan(
            [(upload.name, upload.getvalue()) for upload in uploads],
            format=format_name,
            split=split,
            skip_bad=skip_bad,
            options=_options(),
            existing=documents.existing_texts(database(), project.id) if project else set(),
            allow_overlaps=project.allow_overlaps if project else True,
        )
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    _ask_for_options(plan)
    _dry_run(plan)
    _confirm(plan, project, name)


def _target(project: Project | None) -> str:
    if project is not None:
        st.caption(f"Files go into the project {literal(project.name)}.")
        return project.name
    return st.text_input("Name of the new project", max_chars=100, placeholder="Press releases")


def _options() -> dict[str, object]:
    """Return what was chosen below for tables and plain text."""
    return {
        "by": st.session_state.get("by", UNITS[0]),
        "text_column": st.session_state.get("text_column"),
        "split_column": st.session_state.get("split_column"),
    }


def _ask_for_options(plan: importing.ImportPlan) -> None:
    """Ask for what only these files need: a table's columns, a text's unit."""
    columns = list(dict.fromkeys(c for file in plan.files for c in file.columns))
    if columns:
        one, two = st.columns(2)
        one.selectbox(
            "Text column", columns, index=None, key="text_column", placeholder="Find out by itself"
        )
        two.selectbox("Split column", columns, index=None, key="split_column", placeholder="None")
    if any(file.format == "text" for file in plan.files):
        st.radio("A document is a", UNITS, key="by", horizontal=True)


def _dry_run(plan: importing.ImportPlan) -> None:
    """Show what would come in, and every problem."""
    st.subheader("What would come in")
    with st.container(horizontal=True, gap="large"):
        st.metric("Documents", f"{plan.documents:,}")
        st.metric("Tokens", f"{plan.tokens:,}")
        st.metric("Spans", f"{plan.spans:,}")
        st.metric("Duplicates", f"{plan.duplicates:,}", help="Texts that occurred earlier.")
        if plan.scheme:
            st.metric("Tag scheme", str(plan.scheme), help="Found in the tags themselves.")
    if plan.labels:
        frame = pd.DataFrame(plan.labels.items(), columns=["Label", "Spans"])
        tables.show(frame, hide_index=True, width="content")
    errors = [p for p in plan.problems if p.severity is Severity.ERROR]
    warnings = [p for p in plan.problems if p.severity is Severity.WARNING]
    if errors:
        st.error(count(len(errors), "error"), icon=":material/error:")
        _problem_table(errors)
    if errors or st.session_state.get("skip_bad"):
        st.checkbox("Leave out the rows with errors and import the rest", key="skip_bad")
    if warnings:
        with st.expander(count(len(warnings), "warning"), icon=":material/warning:"):
            _problem_table(warnings)


def _problem_table(problems: list) -> None:
    rows = [(p.file, p.line or None, p.message) for p in problems[:SHOWN]]
    tables.show(
        pd.DataFrame(rows, columns=["File", "Line", "What and what to do"]), hide_index=True
    )
    if len(problems) > SHOWN:
        st.caption(f"… and {len(problems) - SHOWN:,} more")


def _confirm(plan: importing.ImportPlan, project: Project | None, name: str) -> None:
    if not name.strip():
        st.caption("Give the new project a name first.")
    blocked = plan.refused or not plan.documents or not name.strip()
    label = f"Import {count(plan.documents, 'document')}"
    if st.button(label, type="primary", icon=":material/download_done:", disabled=blocked):
        try:
            with st.spinner("Importing"):
                _import(plan, project, name.strip())
        except WhetstoneError as error:
            st.error(literal(str(error)), icon=":material/error:")
        else:
            st.rerun()


def _import(plan: importing.ImportPlan, project: Project | None, name: str) -> None:
    db = database()
    made, moved = documents.bring_in(
        db,
        project.id if project else None,
        name,
        plan.documents_to_add,
        settings.annotator(db),
        allow_overlaps=plan.overlaps,
    )
    open_project(made)
    st.session_state["imports"] = st.session_state.get("imports", 0) + 1
    st.session_state["imported"] = (plan.documents, moved)


def _say_what_came_in() -> None:
    """After the rerun: what was imported, and where to go now."""
    if "imported" not in st.session_state:
        return
    imported, moved = st.session_state.pop("imported")
    dev = f" {moved:,} of them became the dev split, to choose the best epoch by." if moved else ""
    st.success(f"{count(imported, 'document')} imported.{dev}", icon=":material/check_circle:")
    with st.container(horizontal=True):
        st.page_link("tag.py", label="Tag them", icon=":material/ink_highlighter:")
        st.page_link("train.py", label="Train on them", icon=":material/model_training:")
