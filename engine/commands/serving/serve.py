"""``serve``: a model over HTTP, for other programs."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import replace
from typing import Annotated

import typer

from engine.commands.common.opening import opened
from engine.commands.common.options import find
from engine.commands.common.terminal import AsJson, answer, note
from engine.jobs.trained import has_model
from engine.serving.asking.examples import examples
from engine.serving.running import choosing, orders, places, supervisor
from engine.serving.running.orders import Service
from engine.serving.running.places import Place
from engine.serving.running.supervisor import Supervisor
from engine.system import hosts, shell
from storage.corpus import projects
from storage.database.connection import Database
from storage.errors import InputError, RefusedError
from storage.runs import runs
from storage.serving import keys

NOT_ENCRYPTED = (
    "The connection is not encrypted: whoever is on its way can read keys and texts. Put a server "
    "that speaks HTTPS before it."
)

ALL_REVOKED = (
    f"All keys are revoked, so nobody can ask: make another one ({shell.ENGINE} keys add)."
)


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("serve")(serve)


def serve(
    project: Annotated[
        str, typer.Option(help="Serve its live version, and whatever goes live later.")
    ] = "",
    run: Annotated[int | None, typer.Option(help="Serve this run.")] = None,
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 is all.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = orders.PORT,
    int8: Annotated[
        bool, typer.Option("--int8", help="Faster; taken if it costs at most 0.2 points of F1.")
    ] = False,
    rate: Annotated[
        float, typer.Option(min=0.01, help="Requests a second of one key, or one address.")
    ] = orders.PER_SECOND,
    waiting: Annotated[int, typer.Option(min=1, help="Texts that may wait at most.")] = (
        orders.WAITING
    ),
    budget: Annotated[
        float, typer.Option(min=0.001, max=10, help="Seconds that a batch may take.")
    ] = orders.BUDGET,
    origin: Annotated[
        list[str] | None, typer.Option(help="A site whose pages may ask; may be repeated.")
    ] = None,
    ray: Annotated[
        str,
        typer.Option(
            help='Let a Ray cluster serve: "auto", HOST:PORT, or "local" for one begun here.',
            metavar="ADDRESS",
        ),
    ] = "",
    replicas: Annotated[
        int, typer.Option(min=1, max=1024, help="With --ray: how many answer, a core each.")
    ] = 2,
    as_json: AsJson = False,
) -> None:
    """Answer texts over HTTP by a project's live version, or by one run, until interrupted."""
    with opened() as db:
        project_id, title, task = _chosen(db, project, run)
        database = db.url
        asks, opens = keys.are_asked_for(db, project_id), keys.open_it(db, project_id)
    if not hosts.is_loopback(host) and not opens:
        raise RefusedError(
            f"{host} is open to other computers, and the project has no key: make one "
            f"({shell.ENGINE} keys add), or serve on 127.0.0.1."
        )
    if asks and not opens:
        note(ALL_REVOKED)
    for each in origin or ():
        if hosts.origin(each) is None:
            raise InputError(f"{each[:80]!r} is no origin: write for example https://example.org.")
    chosen = Service(project_id, run, host, port, int8, rate, waiting, budget, tuple(origin or ()))
    if not hosts.is_loopback(host):
        note(NOT_ENCRYPTED)

    here = hosts.is_loopback(host) or hosts.is_everywhere(host)
    running = ExitStack()

    def tell(served: Service) -> None:
        url = hosts.url("http", "localhost" if here else host, served.port)
        running.enter_context(places.announced(database, Place(project_id, run, url)))
        line = examples(url, "KEY" if asks else "", task)
        told = f"{title} at {url}, explained at {url}/docs\n{line}"
        answer({"url": url, "docs": f"{url}/docs"}, as_json, told)

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    with running:
        if ray:
            # Here, not above: Ray takes seconds to load.
            from engine.scaling import serving

            return serving.serve(chosen, ray, replicas, tell)
        listening = supervisor.listen(host, port)
        chosen = replace(chosen, port=listening.getsockname()[1])
        tell(chosen)
        Supervisor(chosen, listening).run()


def _chosen(db: Database, project: str, run: int | None) -> tuple[int, str, str]:
    """Return whose model it is, what that is called, and the task; raises where there is none."""
    if bool(project) == (run is not None):
        raise InputError("Say what to serve: either --project NAME or --run NUMBER.")
    if run is not None:
        found = runs.get_run(db, run)
        if not has_model(found):
            raise RefusedError(f"{found.title} has no model: choose a training run that is done.")
        return found.project_id, found.title, projects.get_project(db, found.project_id).task
    own = find(db, project)
    choosing.choose(db, Service(own.id))
    return own.id, own.name, own.task
