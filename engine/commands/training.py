"""``train``, ``report``, ``runs`` and ``predict``."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from engine import bases, exporting, importing, scoring
from engine.commands.files import write_whole
from engine.commands.terminal import AsJson, ProjectName, answer, console, list_problems
from engine.runner import JobRunner, enqueue
from engine.runner.folders import read_report
from engine import recipes
from engine.settings import Settings, settings_from
from storage import annotations, home, projects, runs
from storage.database import Database
from storage.errors import InputError, NotFoundError, TrainingError
from storage.types import Run, RunState, Split, Status

FOLLOW_SECONDS = 0.2
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
RunNumber = Annotated[int, typer.Argument(help="The run's number.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("train")(train)
    app.command("report")(report)
    app.command("runs")(list_all)
    app.command("predict")(predict)


def train(
    project: ProjectName,
    base: Annotated[str, typer.Option(help="bundled, a hub name or a folder.")] = "bundled",
    epochs: Annotated[int | None, typer.Option(help="Passes over the data.")] = None,
    lr: Annotated[float | None, typer.Option(help="Peak learning rate.")] = None,
    batch: Annotated[int | None, typer.Option(help="Sentences per step.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same result (on CPU).")] = None,
    device: Device = "auto",
    limit: Annotated[int | None, typer.Option(help="Train on a seeded sample.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train a model on a project and wait for its report."""
    with closing(Database.open()) as db:
        chosen = projects.find_project(db, project)
        if chosen is None:
            raise NotFoundError(f"There is no project {project!r}; import a file into it first.")
        given = {"epochs": epochs, "learning_rate": lr, "batch_size": batch, "seed": seed}
        given |= {"device": device, "limit": limit}
        known = {key: value for key, value in given.items() if value is not None}
        settings = settings_from(known, suggested(db, chosen.id, base, device, limit))
        run = follow(db, enqueue(db, chosen.id, base, settings))
    if run.state is not RunState.DONE:
        raise TrainingError(f"Run {run.id} {run.state}: {run.message}")
    folder = home.run_folder(run.id)
    found = read_report(folder)
    payload = {**found, "run": run.id, "state": str(run.state), "folder": str(folder)}
    best = Split.TEST if found["test"] else Split.DEV
    answer(payload, as_json, _tables(found, best, "entity") if found[best] else "No test or dev.")


def suggested(db: Database, project_id: int, base: str, device: str, limit: int | None) -> Settings:
    """Return the defaults for this much data and a base model of this width."""
    wanted = annotations.current(db, project_id, split=Split.TRAIN, statuses=(Status.DONE,))
    words = [len(document.tokens) for document in wanted]
    share = min(1.0, limit / len(words)) if limit and words else 1.0
    size = round(len(words) * share), round(sum(words) * share)
    return recipes.choose(recipes.DEFAULT, recipes.Data(*size, bases.width(base)), device)


def follow(db: Database, run: Run) -> Run:
    """Serve or watch the queue until the run ends, showing its progress on stderr."""
    runner = JobRunner(db)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=console
    )
    with bar:
        shown = bar.add_task(f"run {run.id}: queued", total=None)
        try:
            while not run.state.final:
                try:
                    runner.step()
                    time.sleep(FOLLOW_SECONDS)
                except KeyboardInterrupt:
                    runs.request_cancel(db, run.id)
                run = runs.get_run(db, run.id)
                bar.update(shown, description=_headline(run), **_position(run))
        finally:
            runner.release()
    return run


def _headline(run: Run) -> str:
    loss = run.progress.get("loss")
    return f"run {run.id}: {run.state}" + (f", loss {loss:.3f}" if loss is not None else "")


def _position(run: Run) -> dict[str, float]:
    steps = run.progress.get("steps")
    return {"total": steps, "completed": run.progress.get("step", 0)} if steps else {}


def report(
    run: RunNumber,
    split: Annotated[Split | None, typer.Option(help="dev or test.")] = None,
    level: Annotated[str, typer.Option(help="entity or token.")] = "entity",
    as_json: AsJson = False,
) -> None:
    """Print a run's report."""
    if level not in ("entity", "token"):
        raise InputError(f"--level is entity or token, not {level!r}.")
    with closing(Database.open()) as db:
        runs.get_run(db, run)
    found = read_report(home.run_folder(run))
    chosen = split or (Split.TEST if found["test"] else Split.DEV)
    if not found.get(chosen):
        raise NotFoundError(f"Run {run} has no {chosen} documents, so there is nothing to report.")
    payload = {"run": run, "split": str(chosen), "level": level, **found[chosen]}
    answer(payload, as_json, _tables(found, chosen, level))


def _tables(found: dict, split: Split, level: str) -> str:
    render = scoring.format_entity_report if level == "entity" else scoring.format_token_report
    return render(found[split][level])


def list_all(as_json: AsJson = False) -> None:
    """List the runs, the newest first."""
    with closing(Database.open()) as db:
        rows = [
            {
                "run": run.id,
                "project": run.project_id,
                "state": str(run.state),
                "folder": str(home.run_folder(run.id)),
                "created_at": run.created_at,
                "message": run.message,
            }
            for run in runs.list_runs(db)
        ]
    lines = [f"{row['run']:>5}  {row['state']:<10} {row['folder']}" for row in rows]
    answer({"runs": rows}, as_json, "\n".join(lines) or "There is no run yet.")


def predict(
    run: RunNumber,
    source: Annotated[Path, typer.Argument(help="CoNLL, JSONL or text.", metavar="INPUT")],
    target: Annotated[Path, typer.Argument(help=".conll or .jsonl.", metavar="OUTPUT")],
    as_json: AsJson = False,
) -> None:
    """Label a file with a run's model."""
    formats = {".conll": "conll", ".jsonl": "doccano"}
    if target.suffix not in formats:
        raise InputError(f"{target.name}: name the output .conll or .jsonl.")
    folder = home.run_folder(run)
    if not (folder / "model").is_dir():
        raise NotFoundError(f"Run {run} has no model: see python -m engine runs.")
    plan = importing.plan([source])
    plan.check()
    # Here, not above: only this command needs torch, and loading it takes seconds.
    from engine.prediction import predict as label

    labelled = label(folder, plan.documents_to_add)
    exported = exporting.export(labelled, formats[target.suffix])
    write_whole(target, exported.chunks)
    list_problems(exported.problems)
    spans = sum(len(document.spans) for document in labelled)
    payload = {"run": run, "documents": len(labelled), "spans": spans, "output": str(target)}
    answer(payload, as_json, f"{len(labelled)} documents, {spans} spans → {target}")
