"""The drop zone as the browser draws it; its files are on the server's disk when Python hears."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from pages.routes import assets, gate
from pages.routes.transfers import uploads as served
from storage.database import settings
from storage.database.store import database
from storage.errors import NotFoundError
from storage.transfers.uploads import Incoming, uploads

STYLES = ("elements/controls.css", "uploading/uploading.css")

_component = st.components.v2.component(
    "whetstone_uploads",
    js=(assets.FOLDER / "loader.js").read_text("utf-8"),
    css="\n".join((assets.FOLDER / name).read_text("utf-8") for name in STYLES),
)


@dataclass(frozen=True, slots=True)
class Dropped:
    """The whole files of a drop zone; ``batch`` is "" before the first one."""

    batch: str = ""
    files: tuple[Incoming, ...] = ()
    is_busy: bool = False


def show(turn: int) -> Dropped:
    """Show the drop zone and return what is here; another ``turn`` begins with an empty one."""
    annotator = settings.annotator(database())
    key = f"uploads-{turn}"
    sent = {
        "modules": assets.address(),
        "entry": "uploading/start.js",
        "token": gate.sign(annotator, 0),
        "routes": served.addresses(),
        "turn": turn,
        "free": uploads.free_bytes(),
    }
    state = _component(
        key=key,
        data=sent,
        height="content",
        on_uploaded_change=lambda: None,
        on_fresh_change=lambda: None,
    )
    told = state.uploaded or {}
    batch = told.get("batch")
    if not batch or not isinstance(batch, str):
        return Dropped()
    try:
        found = uploads.files(batch, annotator)
    except NotFoundError:
        return Dropped()
    is_ready = told.get("ready") is True
    return Dropped(batch, tuple(_whole(found)) if is_ready else (), not is_ready)


def _whole(found: tuple[Incoming, ...]) -> Iterator[Incoming]:
    return (each for each in found if each.complete)
