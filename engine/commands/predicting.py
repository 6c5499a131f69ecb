"""``predict``: label a file with a run's model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.commands.common.files import write_whole
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, RunNumber, answer, count, list_problems
from engine.corpus import exporting, importing
from engine.runner import folder_of
from storage.errors import InputError, NotFoundError
from storage.runs import runs


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("predict")(predict)


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
    with opened() as db:
        folder = folder_of(runs.get_run(db, run))
    if not (folder / "model").is_dir():
        raise NotFoundError(f"Run {run} has no model: see python -m engine runs.")
    plan = importing.plan([source])
    plan.check()
    # Here, not above: only this command needs torch, and loading it takes seconds.
    from engine.inference.pipeline import predict as label

    labelled = label(folder, plan.documents_to_add)
    exported = exporting.export(labelled, formats[target.suffix])
    write_whole(target, exported.chunks)
    list_problems(exported.problems)
    spans = sum(len(document.spans) for document in labelled)
    payload = {"run": run, "documents": len(labelled), "spans": spans, "output": str(target)}
    said = f"{count(len(labelled), 'document')}, {count(spans, 'span')} → {target}"
    answer(payload, as_json, said)
