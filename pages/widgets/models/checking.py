"""Whether a version's model is still the one that was promoted: read once for files as they are."""

from __future__ import annotations

import streamlit as st

from engine.runner import folder_of
from engine.runs.files import MODEL
from engine.serving import promoting
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.runs import runs
from storage.serving.versions import Version

KEPT = 32
# Name, size and time of each file of a model.
Signature = tuple[tuple[str, int, int], ...]


def trouble(version: Version) -> str:
    """Return in a sentence why a version cannot be served as it was promoted; "" where it can."""
    try:
        return _read(version, version.id, _signature(version))
    except WhetstoneError as error:
        return str(error)


def _signature(version: Version) -> Signature:
    """Return what changes with a model's files, without reading them."""
    if version.run_id is None:
        return ()
    model = folder_of(runs.get_run(database(), version.run_id)) / MODEL
    found = sorted(model.iterdir()) if model.is_dir() else []
    return tuple((each.name, (s := each.stat()).st_size, s.st_mtime_ns) for each in found)


@st.cache_data(max_entries=KEPT, show_spinner="Reading the model's files")
def _read(_version: Version, promotion: int, signature: Signature) -> str:
    try:
        promoting.folder_of(database(), _version)
    except WhetstoneError as error:
        return str(error)
    return ""
