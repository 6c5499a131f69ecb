"""``predict``: label a file with a run's model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from engine import formats, tasks
from engine.commands.common.files import write_whole
from engine.commands.common.opening import opened
from engine.commands.common.options import Precision, Ray, Workers
from engine.commands.common.terminal import AsJson, RunNumber, answer, console, count, list_problems
from engine.corpus import exporting, importing
from engine.runner import folder_of
from engine.system import shell
from storage.corpus import projects
from storage.errors import InputError, NotFoundError
from storage.runs import runs
from storage.types import Document


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("predict")(predict)


def predict(
    run: RunNumber,
    source: Annotated[
        Path, typer.Argument(help="Text, or any file that can be imported.", metavar="INPUT")
    ],
    target: Annotated[
        Path,
        typer.Argument(
            help=".conll, .jsonl or .parquet; of whole texts .csv, .jsonl or .parquet.",
            metavar="OUTPUT",
        ),
    ],
    text_column: Annotated[str, typer.Option(help="Where the text is: a name or number.")] = "",
    second_column: Annotated[str, typer.Option(help="Where the second text of a pair is.")] = "",
    precision: Annotated[
        Precision,
        typer.Option(help="int8 is faster; taken if it costs at most 0.2 points of F1 on dev."),
    ] = Precision.FLOAT32,
    ray: Ray = "",
    workers: Workers = 2,
    as_json: AsJson = False,
) -> None:
    """Label a file with a run's model."""
    with opened() as db:
        asked = runs.get_run(db, run)
        folder, task = folder_of(asked), projects.get_project(db, asked.project_id).task
    format = _format(target, task)
    if not (folder / "model").is_dir():
        raise NotFoundError(f"Run {run} has no model: see {shell.ENGINE} runs.")
    columns = {"text_column": text_column, "second_column": second_column}
    given = {name: value for name, value in columns.items() if value}
    plan = importing.plan([source], options=given, task=task)
    plan.check()
    labelled = _label(folder, plan.documents_to_add, precision, ray, workers)
    exported = exporting.export(labelled, format, task=task)
    write_whole(target, exported.chunks)
    list_problems(exported.problems)
    spans = sum(len(document.spans) for document in labelled)
    payload = {"run": run, "documents": len(labelled), "spans": spans, "output": str(target)}
    marks = count(spans, tasks.get(task).words.mark)
    answer(payload, as_json, f"{count(len(labelled), 'document')}, {marks} → {target}")


def _label(
    folder: Path, documents: Sequence[Document], precision: Precision, ray: str, workers: int
) -> list[Document]:
    # Here, not above: only this command needs torch, and loading it takes seconds.
    from engine.inference import pipeline
    from engine.inference import precision as numbers

    if ray:
        if precision is Precision.INT8:
            raise InputError("On a cluster models compute in float32: leave --precision out.")
        return _spread(folder, documents, ray, workers)
    predictor = pipeline.load(folder)
    if precision is Precision.INT8:
        predictor, told = numbers.choose(folder, predictor)
        console.print(told, highlight=False, markup=False, soft_wrap=True)
    return [document for chunk in predictor.stream(documents) for document in chunk]


def _spread(
    folder: Path, documents: Sequence[Document], address: str, workers: int
) -> list[Document]:
    from engine.scaling import connecting, predicting, spreading

    with connecting.connected(address, workers):
        return list(predicting.label(folder, documents, spreading.Spread(address, workers)))


def _format(target: Path, task: str) -> str:
    """Return the format that a file's name asks for; raise InputError where it asks for none."""
    writers = formats.writers(formats.Shape.of(tasks.get(task)))
    known = {ending: each.name for each in reversed(writers) for ending in each.extensions}
    if target.suffix not in known:
        endings = " or ".join(dict.fromkeys(each.extensions[0] for each in writers))
        raise InputError(f"{target.name}: name the output {endings}.")
    return known[target.suffix]
