"""``train``: start a run or resume one, follow it, and print its report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from engine import tasks
from engine.commands import searching
from engine.commands.common import options
from engine.commands.common.following import follow, report_of
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, answer
from engine.commands.evaluation import suspecting
from engine.commands.evaluation.reporting import tables
from engine.commands.suggesting import passes
from engine.configuration import recipes
from engine.configuration.bases import BUNDLED
from engine.inspection import expectation
from engine.runner import resume
from engine.runs import spec
from storage.database.connection import Database
from storage.errors import InputError
from storage.runs import runs
from storage.types import Run, RunKind, RunState, Split


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("train")(train)


def train(
    context: typer.Context,
    project: Annotated[str | None, typer.Option(help="The project's name.")] = None,
    resumed: Annotated[
        int | None,
        typer.Option("--resume", metavar="RUN", help="Go on with a run that failed or stopped."),
    ] = None,
    recipe: options.RecipeName = recipes.DEFAULT,
    base: options.Base = BUNDLED,
    epochs: Annotated[int | None, typer.Option(help="Passes over the data.")] = None,
    lr: Annotated[float | None, typer.Option(help="Peak learning rate.")] = None,
    batch: Annotated[int | None, typer.Option(help="Documents per step.")] = None,
    patience: Annotated[int | None, typer.Option(help="Epochs without progress; 0: all.")] = None,
    seed: options.Seed = None,
    seeds: Annotated[int | None, typer.Option(help="Train with so many seeds.")] = None,
    peft: Annotated[str | None, typer.Option(help="Adapters: lora or adalora.")] = None,
    device: options.Device = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads; 0: every core.")] = None,
    processes: Annotated[int | None, typer.Option(help="Processes that share a batch.")] = None,
    launcher: Annotated[str | None, typer.Option(help="local or ray.")] = None,
    limit: options.Limit = None,
    set_aside: options.SetAside = None,
    others: options.Others = None,
    as_json: AsJson = False,
) -> None:
    """Train a model on a project and wait for its report."""
    named: dict[str, Any] = {
        "epochs": epochs,
        "learning_rate": lr,
        "batch_size": batch,
        "patience": patience,
    }
    named |= {"seed": seed, "seeds": seeds, "peft": peft, "device": device, "limit": limit}
    named |= {"threads": threads, "processes": processes, "launcher": launcher}
    with opened() as db:
        if resumed is not None:
            _refuse_changes(context)
            run = _go_on(db, resumed)
        elif project is None:
            raise InputError("Name the project with --project, or the run with --resume.")
        else:
            found, given = options.find(db, project), options.gather(named, others)
            options.set_aside(db, found, set_aside)
            settings = options.settle(db, found.id, base, recipe, given)
            run = expectation.start(db, found.id, base, settings)
            options.tell_left_out(db, found)
        run = follow(db, run)
        passes.announce(db, run)
    results, text = PRINTED.get(run.kind, (report_of, _message))
    payload = results(run)
    answer(payload, as_json, text(payload))


def _go_on(db: Database, number: int) -> Run:
    """Return the run if it is done, else queue it again; raise RefusedError for a living one."""
    run = runs.get_run(db, number)
    return run if run.state is RunState.DONE else resume(db, number)


def _refuse_changes(context: typer.Context) -> None:
    """Refuse settings beside ``--resume``: a run's data and settings are frozen."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = [
        name
        for name, source in sources.items()
        if name not in ("resumed", "as_json") and source and source.name == "COMMANDLINE"
    ]
    if given:
        raise InputError(
            f"A resumed run keeps its project and its settings: leave out what sets "
            f"{', '.join(given)}, or start a new run without --resume."
        )


def _text(report: dict) -> str:
    """Return the table of a report, and mean and deviation where there were several seeds."""
    best = Split.TEST if report["test"] else Split.DEV
    parts = [tables(report, best) if report[best] else "No test or dev."]
    for split, figures in (report.get("mean") or {}).items():
        if figures:
            said = tasks.get(spec.read(Path(report["folder"])).task).words.spoken
            parts.append(f"{split} {said} {figures['mean']:.3f} ± {figures['deviation']:.3f}")
    return "\n".join(parts)


def _message(payload: dict) -> str:
    """Return how a run ended, in its worker's words."""
    return payload["message"]


# How a finished run is printed; of other kinds their report, and how they ended.
PRINTED: dict[str, tuple[Callable[[Run], dict], Callable[[dict], str]]] = {
    RunKind.TRAINING: (report_of, _text),
    RunKind.SEARCH: (searching.results, searching.text),
    RunKind.SUGGESTIONS: (passes.results, passes.text),
    RunKind.CROSS_VALIDATION: (suspecting.results, suspecting.text),
}
