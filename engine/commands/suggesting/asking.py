"""``zero-shot``: ask a model that knows no examples about documents that are to do."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.commands.common import options
from engine.commands.common.following import follow, report_of
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer, count, note
from engine.runner.zero_shot import choice
from engine.runner.zero_shot.passes import suggest
from engine.zero_shot import model as models
from engine.zero_shot.keys import VARIABLE
from engine.zero_shot.model import ENDPOINT, GLINER, OFF, ZeroShotModel
from storage.errors import InputError


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("zero-shot")(zero_shot)


def zero_shot(
    project: ProjectName,
    url: Annotated[
        str | None,
        typer.Option(
            help="An OpenAI-compatible endpoint, http://127.0.0.1:11434/v1; else what Settings "
            f"names. Its key: {VARIABLE}."
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="What the endpoint calls the model.")] = None,
    folder: Annotated[Path | None, typer.Option(help="A GLiNER folder instead.")] = None,
    documents: Annotated[int | None, typer.Option(help="At most so many documents.")] = None,
    requests: Annotated[int | None, typer.Option(help="At most so many requests.")] = None,
    tokens: Annotated[int | None, typer.Option(help="At most about so many tokens.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let a model that has seen none of the labels suggest some; nothing is asked by itself."""
    limits = {"documents": documents, "requests": requests, "tokens": tokens}
    with opened() as db:
        found = options.find(db, project)
        named = _named(choice.chosen(db), url, model, folder)
        given = {name: most for name, most in limits.items() if most is not None}
        asked = models.checked(ZeroShotModel(**(asdict(named) | given)))
        if asked.leaves:
            note(
                f"To {asked.host} go the texts that are asked about, the labels with what they "
                "mean, the guideline and up to five labelled documents."
            )
        payload = report_of(follow(db, suggest(db, found.id, asked)))
    answer(payload, as_json, _text(payload))


def _named(
    known: ZeroShotModel, url: str | None, name: str | None, folder: Path | None
) -> ZeroShotModel:
    """Return the model that options name, else that of Settings."""
    if folder is not None:
        return replace(known, kind=GLINER, folder=str(folder.expanduser().absolute()))
    if url is not None:
        return replace(known, kind=ENDPOINT, url=models.address_of(url), name=name or "")
    if known.kind == OFF:
        raise InputError("No zero-shot model is named: give --url and --model, or --folder.")
    return known if name is None else replace(known, name=name)


def _text(payload: dict[str, Any]) -> str:
    suggested = count(payload["suggestions"], "label")
    return f"{payload['model']} suggests {suggested}. {payload['message']}"
