"""The service: how it is started, how it is asked, and by whom."""

from __future__ import annotations

import inspect
import shlex

import streamlit as st

from engine import tasks
from engine.serving import client
from engine.serving.asking.examples import SECOND, TEXT, examples
from engine.serving.running import orders
from engine.system import shell
from pages.widgets.models import api_keys
from storage.database.store import database
from storage.serving import keys, versions
from storage.serving.versions import Version
from storage.types import Project

URL = f"http://localhost:{orders.PORT}"
KEY = "KEY"


def show(project: Project) -> None:
    """Say how to start the service and how to ask it; then the keys."""
    _start(project, versions.live(database(), project.id))
    _ask(project)
    api_keys.show(project)


def _start(project: Project, live: Version | None) -> None:
    st.subheader("Start it")
    if live is None:
        st.info(
            "No model is live yet: make one live under *Versions*, then start the service.",
            icon=":material/info:",
        )
    st.code(
        f"{shell.ENGINE} serve --project {shlex.quote(project.name)}",
        language="bash",
        wrap_lines=True,
    )
    serves = (
        f"It serves {live.title}, which is live, and" if live else "It serves what is live, and"
    )
    st.caption(
        f"In a shell of its own. {serves} takes over what goes live later without a lost request. "
        f"What can be asked stands at {URL}/docs."
    )


def _ask(project: Project) -> None:
    """Give a line for a shell, and a client in one file for Python."""
    key = KEY if keys.are_asked_for(database(), project.id) else ""
    st.subheader("Ask it")
    st.code(examples(URL, key, project.task), language="bash", wrap_lines=True)
    st.code(_python(key, project.task), language="python", wrap_lines=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download client.py",
            inspect.getsource(client),
            file_name="client.py",
            mime="text/x-python",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption("One file; it needs Python alone, and asks again by itself where it is busy.")


def _python(key: str, task: str) -> str:
    """Return the same question in Python, with that client."""
    server = f'Client("{URL}", key="{key}")' if key else f'Client("{URL}")'
    asked = [TEXT, SECOND] if tasks.get(task).fitting is not None else [TEXT]
    texts = ", ".join(f'"{each}"' for each in asked)
    return f"from client import Client\n\nprint({server}.predict({texts}))"
