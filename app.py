"""The application: pages by Streamlit, the job runner for its lifetime, two routes of our own."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

import streamlit as st
from starlette.concurrency import run_in_threadpool

from engine.runner import JobRunner
from pages.widgets import edits, errors
from pages.widgets.store import database
from storage.errors import StorageError

# What the first page needs and the server does not: pandas and Altair take a second to load.
WARM = ("pages.widgets.welcome", "pages.widgets.loop", "pages.widgets.cell")


@asynccontextmanager
async def serve_jobs(_: st.App) -> AsyncIterator[None]:
    """Run the job runner while the server lives; training itself outlives both.

    Where the database cannot be used, the server starts all the same: every page then
    says why and what to do, which a server that is not there cannot.
    """
    threading.Thread(target=lambda: list(map(import_module, WARM)), daemon=True).start()
    try:
        runner = JobRunner(await run_in_threadpool(database))
    except StorageError as error:
        logging.getLogger("whetstone").error("%s", error)
        yield
        return
    runner.start()
    try:
        yield
    finally:
        await run_in_threadpool(runner.stop)


app = st.App(
    "pages/main.py",
    lifespan=serve_jobs,
    routes=edits.routes(),
    on_script_error=errors.show,
)
