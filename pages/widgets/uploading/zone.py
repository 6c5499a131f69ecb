"""The drop zone as the browser draws it; its files are on the server's disk when Python hears."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.access import table
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

    @property
    def file(self) -> Incoming | None:
        """The file of a zone that takes one."""
        return self.files[-1] if self.files else None


IMPORT = "import"


def show_one(purpose: str, name: str, accept: Iterable[str] = (), turn: int = 0) -> Dropped:
    """Show a drop zone for a file; ``accept`` are the ends of its name that a dialog offers."""
    return show(turn, purpose, name, {"one": True, "accept": ",".join(accept)})


def show(
    turn: int, purpose: str = IMPORT, name: str = "Files", how: Mapping[str, Any] | None = None
) -> Dropped:
    """Show the drop zone and return what is here; another ``turn`` begins with an empty one.

    ``purpose`` is one of `table.UPLOADS`.
    """
    annotator = settings.annotator(database())
    key = f"uploads-{turn}" if purpose == IMPORT else f"uploads-{purpose}-{turn}"
    sent = {
        "purpose": purpose,
        "name": name,
        "most": table.UPLOADS[purpose].most_bytes,
        **(how or {}),
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
        if uploads.purpose(batch, annotator) != purpose:
            return Dropped()
        found = uploads.files(batch, annotator)
    except NotFoundError:
        return Dropped()
    is_ready = told.get("ready") is True
    return Dropped(batch, tuple(_whole(found)) if is_ready else (), not is_ready)


def _whole(found: tuple[Incoming, ...]) -> Iterator[Incoming]:
    return (each for each in found if each.complete)
