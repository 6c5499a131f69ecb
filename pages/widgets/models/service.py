"""The service: how it is started, how it is asked, and by whom."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Sequence

import streamlit as st

from engine import tasks
from engine.serving import client
from engine.serving.asking.examples import SECOND, TEXT, examples
from engine.serving.running import orders, places
from engine.serving.running.places import Place
from engine.system import shell
from pages.widgets.models import api_keys
from storage.database.store import database
from storage.errors import NotFoundError
from storage.runs import runs
from storage.serving import keys, versions
from storage.serving.versions import Version
from storage.types import Project

USUAL = f"http://localhost:{orders.PORT}"
KEY = "KEY"


def show(project: Project) -> None:
    """Say where the service runs, or how to start it, and how to ask it; then the keys."""
    found = places.running(database().url, project.id)
    if found:
        _tell(found)
    else:
        _start(project, versions.live(database(), project.id))
    _ask(project, found[0].url if found else USUAL)
    api_keys.show(project)


def _tell(found: Sequence[Place]) -> None:
    """Say where services of the project listen, and what each serves."""
    st.subheader("It runs")
    for place in found:
        serves = "what is live" if place.run is None else _title(place.run)
        st.markdown(
            f":material/check_circle: `{place.url}` serves {serves}. "
            f"[What can be asked]({place.url}/docs)"
        )


def _title(run_id: int) -> str:
    try:
        return f"{runs.get_run(database(), run_id).title} alone, whatever goes live"
    except NotFoundError:
        return "a run that was deleted"


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
    serves = f"{live.title}, which is live," if live else "what is live,"
    st.caption(
        f"It does not run from this home. In a shell of its own: it serves {serves} and takes over "
        "what goes live later without a lost request. What can be asked stands at "
        f"{USUAL}/docs then; `--port` is for another one."
    )


def _ask(project: Project, url: str) -> None:
    """Give a line for a shell, and a client in one file for Python."""
    key = KEY if keys.are_asked_for(database(), project.id) else ""
    st.subheader("Ask it")
    st.code(examples(url, key, project.task), language="bash", wrap_lines=True)
    st.code(_python(url, key, project.task), language="python", wrap_lines=True)
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


def _python(url: str, key: str, task: str) -> str:
    """Return the same question in Python, with that client."""
    server = f'Client("{url}", key="{key}")' if key else f'Client("{url}")'
    asked = [TEXT, SECOND] if tasks.get(task).fitting is not None else [TEXT]
    texts = ", ".join(f'"{each}"' for each in asked)
    return f"from client import Client\n\nprint({server}.predict({texts}))"
