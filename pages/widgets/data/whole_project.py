"""A whole project that was dropped as one file: what it is, and how it comes in."""

from __future__ import annotations

import streamlit as st

from engine.transfers.archives import Unarchive
from engine.transfers.imports import KIND
from engine.transfers.registry import About, transfers
from pages.widgets.common import running
from pages.widgets.common.errors import literal
from pages.widgets.data import rehearsal
from pages.widgets.data.rehearsal import Input
from storage.archives import contents
from storage.database import settings
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.transfers.uploads import Incoming, megabytes, uploads

WHAT = (
    "holds a whole project of Whetstone: documents, labels, every edit, runs with their models, "
    "settings. It becomes a project of its own here, under its own name, or with a number behind "
    "it where that is taken."
)


def of(source: Input) -> Incoming | None:
    """Return the archive of a project, where that is all that was dropped."""
    if len(source.files) != 1 or not contents.is_archive(source.files[0].path):
        return None
    return source.files[0]


def show(source: Input, file: Incoming) -> None:
    """Offer to bring it in, and show how far that is."""
    key = (source.key, "whole project")
    known = next((each for each in running.own(KIND) if each.about.key == key), None)
    if known is not None:
        rehearsal.follow(known, "Try it again")
        return
    with st.container(border=True):
        st.markdown(
            f":material/inventory_2: **{literal(file.name)}** ({megabytes(file.size)}) {WHAT}"
        )
        if st.button("Bring the project in", type="primary", icon=":material/download_done:"):
            _begin(source, file, key)


def _begin(source: Input, file: Incoming, key: tuple) -> None:
    owner = settings.annotator(database())
    try:
        uploads.hold(source.batch, owner)
        order = Unarchive(file.path, file.name)
        about = About(owner, KIND, key, file.name)
        transfers.begin(about, order, lambda: uploads.release(source.batch))
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.rerun()
