"""The application: pages by Streamlit, the job runner for its lifetime, a few routes of our own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

import streamlit as st
from starlette.concurrency import run_in_threadpool

from pages.routes import origins, routes
from pages.widgets import errors
from pages.widgets.store import database
from storage import facts, settings
from storage.errors import StorageError

if TYPE_CHECKING:
    from engine.runner import JobRunner

# What the first page needs and the server does not: pandas and Altair take a second to load.
WARM = ("pages.widgets.welcome", "pages.widgets.loop", "pages.widgets.cell")


@asynccontextmanager
async def serve_jobs(_: st.App) -> AsyncIterator[None]:
    """Run the job runner while the server lives; training itself outlives both."""
    starting = asyncio.create_task(run_in_threadpool(start_runner))
    yield
    if runner := await starting:
        await run_in_threadpool(runner.stop)


def start_runner() -> JobRunner | None:
    """Start the job runner, then load what the first page will need.

    Done beside the server, whose first answer should not wait for it. Where the database
    cannot be used there is no runner: every page then says why and what to do, which a
    server that did not start could not.
    """
    from engine.runner import JobRunner

    try:
        runner = JobRunner(database(), looks=True)
    except StorageError as error:
        logging.getLogger("whetstone").error("%s", error)
        return None
    runner.start()
    for name in WARM:
        import_module(name)
    # The first look at a large project reads all of it.
    facts.known(database(), settings.get(database(), "last_project", 0))
    return runner


app = st.App(
    "pages/main.py",
    lifespan=serve_jobs,
    routes=routes(),
    middleware=origins.middleware(),
    on_script_error=errors.show,
)
