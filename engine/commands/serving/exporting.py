"""``export-model``: a run's model as a package for other people's tools."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.commands.common.opening import opened
from engine.commands.common.options import Precision
from engine.commands.common.terminal import AsJson, RunNumber, answer
from engine.commands.evaluation.reporting import refuse_without
from engine.exports import card
from engine.knowledge.cards import reading
from engine.packaging.kinds import Kind, name_of
from engine.runner import folder_of
from storage.corpus import projects
from storage.errors import InputError
from storage.runs import runs


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("export-model")(export_model)


def export_model(
    run: RunNumber,
    to: Annotated[Kind, typer.Option(help="What it is for: transformers, ONNX or spaCy.")],
    out: Annotated[
        Path | None, typer.Option(help="The folder to write; an older package is replaced.")
    ] = None,
    precision: Annotated[
        Precision,
        typer.Option(help="int8, of onnx and spacy; taken if it costs at most 0.2 points of F1."),
    ] = Precision.FLOAT32,
    as_json: AsJson = False,
) -> None:
    """Write a run's model as a package for other people's tools, which needs no Whetstone."""
    int8 = precision is Precision.INT8
    if int8 and to is Kind.FOLDER:
        raise InputError("A folder for transformers is in float32; int8 is for onnx and spacy.")
    with opened() as db:
        asked = runs.get_run(db, run)
        refuse_without(asked)
        subject, folder = reading.of_run(db, asked), folder_of(asked)
        project = projects.get_project(db, asked.project_id)
    name = name_of(project.name, asked.number or run)
    target = out or Path(f"{name}-{to}")
    # Here, not above: only this command needs torch, and loading it takes seconds.
    from engine.packaging import package

    render = partial(card.render, subject)
    order = package.Order(folder, name, asked.number or run, render, int8)
    checked = package.write(order, to, target)
    payload: dict[str, Any] = {"run": run, "to": to, "output": str(target)}
    told = f"{to} → {target}" + (f"\n{checked.to_text()}" if checked else "")
    answer({**payload, "checked": checked.to_json() if checked else None}, as_json, told)
