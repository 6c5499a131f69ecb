"""Loading a catalogue: its file, which column holds what, what is left out, and its reading."""

from __future__ import annotations

import streamlit as st

from engine.formats.common.sources import InputFile
from engine.retrieval import items
from engine.retrieval.items import Columns, Items
from engine.runner import catalogues, newest_model
from pages.widgets.common import address
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.uploading import zone
from storage.database.store import database
from storage.errors import NotFoundError, WhetstoneError
from storage.transfers.uploads import Incoming, uploads
from storage.types import Project, Run

TYPES = (".csv", ".tsv", ".jsonl", ".json", ".parquet", ".txt")
# An id may well stand for several texts of one answer.
SAME_ID = "{} with an id that another one has, too: answers are told apart by their texts alone."


def load(project: Project) -> None:
    """Take a file, say which columns are taken, and queue its reading."""
    turn = st.session_state.get("catalogue-turn", 0)
    dropped = zone.show_one("catalogue", "Catalogue file", TYPES, turn)
    if dropped.file is None:
        st.caption(
            "CSV, TSV, JSONL or Parquet with a column of texts, and one of ids and of titles "
            "where there are such; or text with an item a line. UTF-8."
        )
        return
    try:
        found = _read(dropped.batch, dropped.file, Columns())
        wanted = _columns(found)
        if wanted != found.chosen:
            found = _read(dropped.batch, dropped.file, wanted)
        _preview(found)
        if st.button(
            f"Read {count(len(found), 'item')}", type="primary", icon=":material/inventory_2:"
        ):
            run = catalogues.embed(database(), project.id, found, model(project))
            del st.session_state["catalogue-read"]
            uploads.discard(dropped.batch)
            st.session_state["catalogue-turn"] = turn + 1
            address.write(catalogue=str(run.id))
            st.rerun()
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")


def _read(batch: str, file: Incoming, wanted: Columns) -> Items:
    """Read a file once: at 100,000 rows that takes seconds, and every click runs the page."""
    known: dict[tuple[object, ...], Items] = st.session_state.get("catalogue-read", {})
    key = (batch, file.number, wanted)
    if key not in known:
        found = items.read(InputFile(file.name, file.path), wanted)
        # As it is found by itself, and as it was chosen last.
        first = (batch, file.number, Columns())
        kept = {each: value for each, value in known.items() if each == first}
        known = st.session_state["catalogue-read"] = {**kept, key: found}
    return known[key]


def _columns(found: Items) -> Columns:
    """Let a person change which column holds what, where there is a choice."""
    if len(found.columns) < 2:
        return found.chosen
    names, chosen = list(found.columns), found.chosen
    with st.container(horizontal=True):
        text = st.selectbox("Text", names, index=names.index(chosen.text), width=150)
        none = ["", *names]
        id = st.selectbox("Id", none, index=none.index(chosen.id), width=150, format_func=_named)
        title = st.selectbox(
            "Title", none, index=none.index(chosen.title), width=150, format_func=_named
        )
    return Columns(text, id if id != text else "", title if title != text else "")


def _named(column: str) -> str:
    return column or "none"


def _preview(found: Items) -> None:
    for id, text in zip(found.ids[:3], found.texts[:3], strict=True):
        short = text if len(text) <= 160 else text[:159] + "…"
        st.caption(f"{literal(id)} · {literal(' '.join(short.split()))}")
    left = [f"{count(found.blank, 'row')} without a text"] if found.blank else []
    left += [f"{count(found.repeated, 'row')} with the text of another"] if found.repeated else []
    if left:
        st.caption(f"Left out: {' and '.join(left)}.")
    if found.same_id:
        st.caption(f":material/warning: {SAME_ID.format(count(found.same_id, 'item'))}")


def model(project: Project) -> Run | None:
    """Return the run whose model reads catalogues now; None where there is none yet."""
    try:
        return newest_model(database(), project.id)
    except NotFoundError:
        return None
