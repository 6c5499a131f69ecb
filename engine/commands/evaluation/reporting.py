"""``report``: a run's figures, printed or as a file for others."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine import tasks
from engine.commands.common.files import write_whole
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, RunNumber, answer
from engine.evaluation.figures import SPLITS
from engine.exports import subject
from engine.exports.formats import FORMATS
from engine.exports.subject import Subject
from engine.jobs import kinds
from engine.runner import folder_of
from engine.runner.results import read_report
from engine.runs import snapshot, spec
from engine.tasks.spans.classes import Classes
from engine.tasks.spans.metrics import levels, scoring
from storage.errors import InputError, NotFoundError
from storage.runs import runs
from storage.types import Run, RunState, Split

Format = StrEnum("Format", [(name.upper(), name) for name in FORMATS])  # type: ignore[misc]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("report")(report)


def report(
    run: RunNumber,
    split: Annotated[Split | None, typer.Option(help="dev or test.")] = None,
    level: Annotated[
        str | None, typer.Option(help="entity or token; entity unless said.", show_default=False)
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="The whole report for others: both splits, all tables."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write --format into this file; else it is printed.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a run's report, or write it in a format for others."""
    if level not in (None, "entity", "token"):
        raise InputError(f"--level is entity or token, not {level!r}.")
    if form and level:
        raise InputError("--format tells all levels: leave --level out.")
    if out and not form:
        raise InputError(f"--out needs a --format: {', '.join(FORMATS)}.")
    with opened() as db:
        asked = runs.get_run(db, run)
    refuse_without(asked)
    if form:
        _export(asked, split, form, out, as_json)
    else:
        _print(asked, split, level or "entity", as_json)


def _print(run: Run, split: Split | None, level: str, as_json: bool) -> None:
    """Print one level of one split: test where there is one, else dev."""
    found = levels.printed(read_report(folder_of(run)))
    chosen = split or (Split.TEST if found.get("test") else Split.DEV)
    if not found.get(chosen):
        raise _nothing(run, chosen)
    payload = {"run": run.id, "split": str(chosen), "level": level, **found[chosen]}
    answer(payload, as_json, tables(found, chosen, level))


def _nothing(run: Run, split: str) -> NotFoundError:
    return NotFoundError(f"Run {run.id} has no {split} documents, so there is nothing to report.")


def _export(run: Run, split: Split | None, form: str, out: Path | None, as_json: bool) -> None:
    """Write or print the whole report in a format; one split where it is asked for."""
    told = told_of(run, split)
    if not told.scores:
        raise _nothing(run, split or "dev or test")
    text = FORMATS[form](told)
    payload = {"run": run.id, "format": str(form), "splits": list(told.scores)}
    if out:
        write_whole(out, [text.encode("utf-8", "replace")])
        answer({**payload, "file": str(out)}, as_json, f"Wrote {out}.")
    else:
        answer({**payload, "text": text}, as_json, text.removesuffix("\n"))


def told_of(run: Run, split: Split | None = None) -> Subject:
    """Read what the formats tell of a finished run, of both splits or of one.

    Raises RunFolderError where what the run has left is damaged.
    """
    folder = folder_of(run)
    report = read_report(folder)
    return Subject(
        title=run.title,
        report=report,
        pipeline=tasks.get(spec.read(folder).task).pipeline_tag,
        finished=(run.finished_at or "")[:10],
        splits=(str(split),) if split else SPLITS,
        notes=Classes.left_out(report).sentences,
        data=subject.count(snapshot.stream(folder)),
    )


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
