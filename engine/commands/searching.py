"""``search``: try settings on a project and say which were best on dev."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from engine.commands.common import options
from engine.commands.common.following import follow, report_of
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer
from engine.configuration import recipes
from engine.configuration.bases import BUNDLED
from engine.jobs import kinds
from engine.runner import enqueue, folder_of
from engine.runs import events, trials
from storage.types import Run, RunKind

USUAL = ("learning_rate", "batch_size", "epochs")


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("search")(search)


def search(
    project: ProjectName,
    wanted: Annotated[int, typer.Option("--trials", min=1, help="Trainings to make.")],
    recipe: options.RecipeName = recipes.DEFAULT,
    base: options.Base = BUNDLED,
    seed: options.Seed = None,
    device: options.Device = None,
    limit: options.Limit = None,
    parallel: Annotated[
        int, typer.Option(min=1, max=1024, help="Trainings side by side, by Ray Tune.")
    ] = 1,
    launcher: Annotated[str | None, typer.Option(help="local or ray.")] = None,
    set_aside: options.SetAside = None,
    others: options.Others = None,
    as_json: AsJson = False,
) -> None:
    """Search for good settings: many short trainings, judged on dev."""
    with opened() as db:
        found = options.find(db, project)
        named = {"seed": seed, "device": device, "limit": limit, "launcher": launcher}
        given = options.gather(named, others)
        options.set_aside(db, found, set_aside)
        settings = options.settle(db, found.id, base, recipe, given)
        own: dict[str, Any] = {kinds.TRIALS: wanted} | (
            {kinds.PARALLEL: parallel} if parallel > 1 else {}
        )
        run = enqueue(db, found.id, base, settings, RunKind.SEARCH, **own)
        options.tell_left_out(db, found)
        run = follow(db, run)
    payload = results(run)
    answer(payload, as_json, text(payload))


def results(run: Run) -> dict[str, Any]:
    """Return a finished search: its trials, and the best one's settings and F1 (None: none).

    Raises:
        TrainingError: the search failed or was cancelled.
    """
    report = report_of(run)
    told = trials.read(events.read(folder_of(run) / events.FILE)[0])
    # One that still runs in a finished search was cut off by a kill, and never answered.
    made = [trial for trial in told if trial.state != trials.RUNNING]
    best = trials.best(made)
    own = {name: report[name] for name in ("run", "state", "folder", "message")}
    return {
        **own,
        "trials": [asdict(trial) for trial in made],
        "best": best and {"settings": dict(best.settings), "f1": best.f1},
    }


def text(payload: dict) -> str:
    """Return the trials of a search as a table, the best one marked by a star."""
    best = payload["best"] and payload["best"]["f1"]
    lines = [f"{'trial':>5}  {'dev':>7}  {'state':<9}  " + "  ".join(USUAL)]
    for trial in payload["trials"]:
        figure = "–" if trial["f1"] is None else f"{trial['f1']:.3f}"
        star = "*" if best is not None and trial["f1"] == best else " "
        values = "  ".join(
            f"{_short(trial['settings'].get(name, '')):>{len(name)}}" for name in USUAL
        )
        lines.append(f"{trial['number']:>5} {star}{figure:>7}  {trial['state']:<9}  {values}")
    return "\n".join(lines)


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
