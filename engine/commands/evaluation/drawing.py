"""``curve``: how F1 grows with the data, what more of each label should bring."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.commands.common import options
from engine.commands.common.following import follow
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer
from engine.configuration.bases import BUNDLED
from engine.evaluation.learning_curve import ALL, Curve, step
from engine.inspection import curves
from engine.inspection.curves import Held
from engine.runner import folder_of, results
from storage.database.connection import Database
from storage.errors import TrainingError
from storage.types import Run, RunState


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("curve")(curve)


def curve(
    project: ProjectName,
    recipe: options.RecipeName = "quick",
    base: options.Base = BUNDLED,
    repeats: Annotated[
        int, typer.Option(min=1, max=10, help="How often train is dealt into parts.")
    ] = curves.REPEATS,
    seed: options.Seed = None,
    device: options.Device = None,
    limit: options.Limit = None,
    set_aside: options.SetAside = None,
    others: options.Others = None,
    as_json: AsJson = False,
) -> None:
    """Draw the learning curve of every label: what would more of it bring?"""
    with opened() as db:
        found = options.find(db, project)
        given = options.gather({"seed": seed, "device": device, "limit": limit}, others)
        options.set_aside(db, found, set_aside)
        settings = options.settle(db, found.id, base, recipe, given)
        run = follow(db, curves.start(db, found.id, base, settings, repeats))
        payload = told(db, run)
    answer(payload, as_json, text(payload))


def told(db: Database, run: Run) -> dict[str, Any]:
    """Return what a finished curve says, and what came of the project's earlier predictions.

    Raises:
        TrainingError: the run failed or was cancelled.
    """
    report = results.of_run(db, run.id)
    if run.state is not RunState.DONE or report is None:
        raise TrainingError(f"{run.title} {run.state}: {run.message}")
    found = curves.of_report(report)
    everything = found.pop(ALL)
    return {
        "run": run.id,
        "state": str(run.state),
        "folder": str(folder_of(run)),
        "message": run.message,
        "recipe": report["recipe"],
        "seconds": report["total_seconds"],
        "labels": {label: _row(each) for label, each in found.items()},
        "all": _row(everything),
        "held": [_held(each) for each in curves.held(db, run.project_id)],
    }


def _row(curve: Curve) -> dict[str, Any]:
    law, gain = None, None
    if not curve.unknown:
        a, b, c = (float(value) for value in curve.laws[0])
        one = curve.gain(step(curve.now))
        law = {"a": a, "b": b, "c": c}
        gain = {"sentences": one.more, "low": one.low, "high": one.high}
    together = zip(curve.sizes, curve.f1, strict=True)
    return {
        "sentences": curve.now,
        "support": curve.support,
        "points": [{"sentences": size, "f1": f1} for size, f1 in together],
        "law": law,
        "noise": curve.noise,
        "gain": gain,
        "outlook": str(curve.outlook),
        "sentence": curve.sentence,
    }


def _held(held: Held) -> dict[str, Any]:
    return {
        "run": held.run.id,
        "curve": held.curve.id,
        "label": held.label,
        "sentences": held.size,
        "low": held.low,
        "high": held.high,
        "measured": held.measured,
        "right": held.right,
        "same_dev": held.same_dev,
    }


def text(payload: dict) -> str:
    """Return the points as a table, then what more would bring, then what came of it before."""
    rows = {**payload["labels"], "all": payload["all"]}
    width = max(len(name) for name in rows)
    lines = ["F1 on dev by documents with the label:"]
    for name, row in rows.items():
        points = sorted((point["sentences"], point["f1"]) for point in row["points"])
        told = "  ".join(f"{size:,}: {f1:.3f}" for size, f1 in points)
        lines.append(f"{name:>{width}}  {told}")
    lines += ["", *(row["sentence"] for row in rows.values())]
    for held in payload["held"]:
        low, high, was = held["low"], held["high"], held["measured"]
        name = "all" if held["label"] == ALL else held["label"]
        lines.append(f"Run {held['run']}, {name}: predicted {low:.2f}–{high:.2f}, was {was:.2f}.")
    return "\n".join(lines)
