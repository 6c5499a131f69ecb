"""The application: pages by Streamlit, the job runner for its lifetime, two routes of our own."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.concurrency import run_in_threadpool

from engine.runner import JobRunner
from pages.widgets import edits, errors
from pages.widgets.store import database
from storage.errors import StorageError


@asynccontextmanager
async def serve_jobs(_: st.App) -> AsyncIterator[None]:
    """Run the job runner while the server lives; training itself outlives both.

    Where the database cannot be used, the server starts all the same: every page then
    says why and what to do, which a server that is not there cannot.
    """
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
