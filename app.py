"""The application: pages by Streamlit, the job runner for its lifetime, a few routes of our own."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Protocol

import streamlit as st
from starlette.concurrency import run_in_threadpool

from engine.coach.registry import coaches
from engine.coach.renewal.registry import renewers
from engine.system import sockets
from engine.system.repeating import Repeating
from engine.transfers.registry import transfers
from pages.access import addresses, guard
from pages.coaching.watching import watch
from pages.routes import adjudicating, origins, routes
from pages.routes.talk import talking
from pages.routes.transfers import downloads as downloading
from pages.routes.transfers import uploads as uploading
from pages.widgets.frame import rescue
from storage.backups.keeping import Keeper
from storage.collaboration import cases, people
from storage.database import settings
from storage.database.store import database
from storage.errors import StorageError
from storage.finding import warming
from storage.serving import kept
from storage.transfers.downloads import downloads
from storage.transfers.uploads import uploads

# What pages need and the server does not, Home's first: pandas and Altair take a second to load.
WARM = (
    *("pages.widgets.home.welcome", "pages.widgets.home.loop", "pages.widgets.parts.table"),
    *("pages.widgets.data.document_list", "pages.widgets.data.import_form"),
    *("pages.widgets.data.export_form", "pages.widgets.tag.payload", "pages.widgets.report.views"),
)

# How often a database that cannot be used is tried again: somebody may restore a backup.
PATIENCE_SECONDS = 2.0
# How often texts that served models were asked are looked through for those to be forgotten.
RETENTION_SECONDS = 300.0
# A save asks the database some twenty times, and after each it waits for its turn among the threads
# that draw pages: Python's own turns, five times as long, are most of what it takes then.
TURN_SECONDS = 0.001


class Service(Protocol):
    """What lives as long as the server."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@asynccontextmanager
async def serve_jobs(_: st.App) -> AsyncIterator[None]:
    """Run the job runner while the server lives; training itself outlives both."""
    sockets.send_at_once()
    sys.setswitchinterval(TURN_SECONDS)
    stopping = threading.Event()
    starting = asyncio.create_task(run_in_threadpool(start, stopping))
    yield
    stopping.set()
    for service in await starting:
        await run_in_threadpool(service.stop)


def start(stopping: threading.Event) -> list[Service]:
    """Start the job runner and the backups, then load what the first page will need.

    Done beside the server, whose first answer should not wait for it. Where the database
    cannot be changed this waits until it can: every page then says why and what to do, which a
    server that did not start could not.
    """
    from engine.knowledge import rounds
    from engine.runner import JobRunner
    from engine.runner.notices.delivery import Delivery

    if not usable(stopping):
        return []
    if told := addresses.told():
        print(f"\n{told}\n", flush=True)
    runner = JobRunner(database(), suggests=True, afterwards=rounds.Keeping())
    services: list[Service] = [runner, Delivery(database()), uploads, downloads]
    services += [transfers, coaches, renewers, watch, retention(), keeping()]
    if path := database().path:
        services.append(Keeper(path, database().judge))
    for service in services:
        service.start()
    with ThreadPoolExecutor(1) as beside:
        # The first look at a large project reads all of it, which the database does by itself.
        known = settings.get(database(), "last_project", 0)
        warmed = beside.submit(warm, known)
        load()
        warmed.result()
    return services


def retention() -> Repeating:
    """Return what forgets texts whose days are over, also where nothing is served any more."""
    return Repeating("retention", lambda: kept.expire(database()), RETENTION_SECONDS)


def keeping() -> Repeating:
    """Return what writes down what was read of large projects, so that a start need not read it."""
    return Repeating("keeping", lambda: warming.keep(database()), RETENTION_SECONDS)


def warm(project: int) -> None:
    """Read of a project what its first pages keep."""
    warming.warm(database(), project)
    warming.keep(database())
    if people.are_several(database(), project):
        cases.count_waiting(database(), project)


def load() -> None:
    """Load what pages need, and let Python never look through it again for circles.

    With all modules a look takes 0.15 s, in which nobody is answered.
    """
    for name in WARM:
        import_module(name)
    gc.collect()
    gc.freeze()


def usable(stopping: threading.Event) -> bool:
    """Wait until the database can be changed; return False where the server ends before."""
    said = ""
    while (trouble := _trouble()) is not None:
        if str(trouble) != said:
            said = str(trouble)
            logging.getLogger("whetstone").error("%s", said)
        if stopping.wait(PATIENCE_SECONDS):
            return False
    return True


def _trouble() -> StorageError | None:
    try:
        return database().barrier()
    except StorageError as error:
        return error


app = st.App(
    "pages/main.py",
    lifespan=serve_jobs,
    routes=[
        *routes(),
        *uploading.routes(),
        *downloading.routes(),
        *talking.routes(),
        *adjudicating.routes(),
    ],
    middleware=[*origins.middleware(), *guard.middleware()],
    on_script_error=rescue.show,
)
