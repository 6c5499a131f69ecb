"""``report``: a run's figures."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.commands.opening import opened
from engine.commands.terminal import AsJson, RunNumber, answer
from engine.jobs import kinds
from engine.runner import folder_of
from engine.runner.results import read_report
from engine.tasks.spans import levels, scoring
from engine.tasks.spans.classes import Classes
from storage.errors import InputError, NotFoundError
from storage.runs import runs
from storage.types import Run, RunState, Split


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("report")(report)


def report(
    run: RunNumber,
    split: Annotated[Split | None, typer.Option(help="dev or test.")] = None,
    level: Annotated[str, typer.Option(help="entity or token.")] = "entity",
    as_json: AsJson = False,
) -> None:
    """Print a run's report."""
    if level not in ("entity", "token"):
        raise InputError(f"--level is entity or token, not {level!r}.")
    with opened() as db:
        asked = runs.get_run(db, run)
    refuse_without(asked)
    found = levels.printed(read_report(folder_of(asked)))
    chosen = split or (Split.TEST if found.get("test") else Split.DEV)
    if not found.get(chosen):
        raise NotFoundError(f"Run {run} has no {chosen} documents, so there is nothing to report.")
    payload = {"run": run, "split": str(chosen), "level": level, **found[chosen]}
    answer(payload, as_json, tables(found, chosen, level))


def refuse_without(run: Run) -> None:
    """Raise NotFoundError for a run that has no report, or not yet."""
    kind = kinds.of(run)
    if run.model_of:
        raise NotFoundError(
            f"Run {run.id} {kind.without_report}; python -m engine report {run.model_of} prints "
            "its model's."
        )
    if run.state is not RunState.DONE:
        raise NotFoundError(f"Run {run.id} has no report: it is {run.state}.")
    if not kind.leaves_model:
        raise NotFoundError(
            f"Run {run.id} {kind.without_report}; python -m engine train --resume {run.id} "
            "prints them."
        )


def tables(found: dict, split: Split, level: str) -> str:
    """Return the table of a split's figures as text, and which labels are no class of the model."""
    render = scoring.format_entity_report if level == "entity" else scoring.format_token_report
    scores = found[split]
    # Other tasks than spans have tables of their own; the first is that of the labels.
    shown = scores[level] if level in scores else levels.level_of(scores["tables"][0])
    return "\n".join([render(shown), *Classes.left_out(found).sentences])
