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
from engine.evaluation import figures
from engine.exports import contents
from engine.exports.formats import FORMATS
from engine.exports.subject import Subject
from engine.inspection import telling
from engine.jobs import kinds
from engine.knowledge.cards import reading
from engine.runner import folder_of
from engine.runner.results import printed
from engine.runs import spec
from engine.system import shell
from engine.tasks.learnable import LearnableLabels
from storage.database.connection import Database
from storage.errors import InputError, NotFoundError
from storage.runs import runs
from storage.types import Run, RunState, Split

# So many lines of what scores tell besides are printed; thresholds of 150 labels are not read.
SHOWN = 12
Format = StrEnum("Format", [(name.upper(), name) for name in FORMATS])  # type: ignore[misc]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("report")(report)


def report(
    run: RunNumber,
    split: Annotated[Split | None, typer.Option(help="dev or test.")] = None,
    level: Annotated[
        str | None,
        typer.Option(
            help="Of spans entity (unless said) or token; of classes class or parents.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="The whole report for others: both splits, all tables."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write --format into this file, tensorboard into this folder; else it is printed."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a run's report, or write it in a format for others."""
    if form and level:
        raise InputError("--format tells all levels: leave --level out.")
    if out and not form:
        raise InputError(f"--out needs a --format: {', '.join(FORMATS)}.")
    if form and not out and not FORMATS[form].is_text:
        place = "a folder" if FORMATS[form].name else "a file"
        raise InputError(
            f"--format {form} is no text that could be printed: name {place} by --out."
        )
    with opened() as db:
        asked = runs.get_run(db, run)
        refuse_without(asked)
        told = _told(db, asked, split, form) if form else None
    if form and told:
        _export(run, told, split, form, out, as_json)
    else:
        _print(asked, split, level, as_json)


def _print(run: Run, split: Split | None, level: str | None, as_json: bool) -> None:
    """Print one level of one split: test where there is one, else dev."""
    found = printed(folder_of(run))
    chosen = split or (Split.TEST if found.get("test") else Split.DEV)
    if not found.get(chosen):
        raise _nothing(run, chosen)
    asked = _level(run, found[chosen], level)
    payload = {"run": run.id, "split": str(chosen), "level": asked, **found[chosen]}
    answer(payload, as_json, tables(found, chosen, asked))


def _level(run: Run, scores: dict, asked: str | None) -> str:
    """Return the level that is asked for, else the task's first; raise InputError for no level."""
    known = [name for name in tasks.get(spec.read(folder_of(run)).task).levels if name in scores]
    if asked and asked not in known:
        raise InputError(f"--level is {' or '.join(known)}, not {asked!r}.")
    return asked or known[0]


def _nothing(run: Run, split: str) -> NotFoundError:
    return NotFoundError(f"Run {run.id} has no {split} documents, so there is nothing to report.")


def _told(db: Database, run: Run, split: Split | None, form: str) -> Subject:
    """Return what a format tells of a run; one split where it is asked for."""
    card = FORMATS[form].is_card
    told = reading.of_run(db, run, split) if card else telling.told_of(run, split)
    if not told.scores:
        raise _nothing(run, split or "dev or test")
    return told


def _export(
    run: int, told: Subject, split: Split | None, form: str, out: Path | None, as_json: bool
) -> None:
    """Write or print the whole report in a format."""
    known = FORMATS[form]
    payload = {"run": run, "format": str(form), "splits": list(told.scores)}
    found = known.render(told)
    if out:
        place = out / known.name(told) if known.name else out
        if known.name:
            out.mkdir(parents=True, exist_ok=True)
        write_whole(place, [found.encode("utf-8", "replace") if isinstance(found, str) else found])
        answer({**payload, "file": str(place)}, as_json, f"Wrote {place}.")
    else:
        answer({**payload, "text": found}, as_json, str(found).removesuffix("\n"))


def refuse_without(run: Run) -> None:
    """Raise NotFoundError for a run that has no report, or not yet."""
    kind = kinds.of(run)
    if run.model_of:
        raise NotFoundError(
            f"Run {run.id} {kind.without_report}; {shell.ENGINE} report {run.model_of} prints "
            "its model's."
        )
    if run.state is not RunState.DONE:
        raise NotFoundError(f"Run {run.id} has no report: it is {run.state}.")
    if not kind.leaves_model:
        raise NotFoundError(
            f"Run {run.id} {kind.without_report}; {shell.ENGINE} train --resume {run.id} "
            "prints them."
        )


def tables(found: dict, split: Split, level: str | None = None) -> str:
    """Return a table of a split as text, and which labels are no class of the model.

    ``found`` is printed already; without ``level`` its first table is shown. Below the first one
    stands what the split's scores tell besides: how candidates are ordered, what is out of scope.
    """
    scores = found[split]
    first = next(name for name, part in scores.items() if _is_level(part))
    besides = contents.besides(scores) if level in (None, first) else []
    shown = [f"{name}: {told}" for name, told in besides[:SHOWN]]
    if len(besides) > SHOWN:
        shown.append(f"… and {len(besides) - SHOWN:,} more: --json tells all of them.")
    shown += [""] if shown else []
    left_out = LearnableLabels.left_out(found).sentences
    return "\n".join([figures.as_text(scores[level or first]), *shown, *left_out])


def _is_level(part: object) -> bool:
    return isinstance(part, dict) and figures.LABELS in part and figures.AVERAGES[0] in part
