"""The service: how it is started, how it is asked, and by whom."""

from __future__ import annotations

import shlex

import streamlit as st

from pages.widgets.models import api_keys
from storage.database.store import database
from storage.serving import versions
from storage.types import Project


def show(project: Project) -> None:
    """Say how to start the service and how to ask it; then the keys."""
    live = versions.live(database(), project.id)
    if live is None:
        st.info(
            "No model is live yet: make one live under *Versions*, then start the service.",
            icon=":material/info:",
        )
    st.subheader("Start it")
    st.code(f"python -m engine serve --project {shlex.quote(project.name)}", language="bash")
    st.caption(
        "In a shell of its own. It serves what is live, takes over what you make live later "
        "without a lost request, and goes on while this page is closed."
    )
    api_keys.show(project)
