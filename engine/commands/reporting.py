"""``report``: a run's figures."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.commands.opening import opened
from engine.commands.terminal import AsJson, RunNumber, answer
from engine.runner import folder_of
from engine.runner.results import read_report
from engine.runs import kinds
from engine.tasks.spans import scoring
from engine.tasks.spans.classes import Classes
from storage.errors import InputError, NotFoundError
from storage.runs import runs
from storage.types import RunState, Split


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
    if kinds.is_look(asked):
        raise NotFoundError(
            f"Run {run} made suggestions and has no report; python -m engine report "
            f"{kinds.model_of(asked)} prints its model's."
        )
    if asked.state is not RunState.DONE:
        raise NotFoundError(f"Run {run} has no report: it is {asked.state}.")
    found = read_report(folder_of(asked))
    if "trials" in found:
        raise NotFoundError(
            f"Run {run} is a search, with trials and no report; python -m engine train "
            f"--resume {run} prints them."
        )
    chosen = split or (Split.TEST if found.get("test") else Split.DEV)
    if not found.get(chosen):
        raise NotFoundError(f"Run {run} has no {chosen} documents, so there is nothing to report.")
    payload = {"run": run, "split": str(chosen), "level": level, **found[chosen]}
    answer(payload, as_json, tables(found, chosen, level))


def tables(found: dict, split: Split, level: str) -> str:
    """Return the table of a split's figures as text, and which labels are no class of the model."""
    render = scoring.format_entity_report if level == "entity" else scoring.format_token_report
    return "\n".join([render(found[split][level]), *Classes.left_out(found).sentences])
