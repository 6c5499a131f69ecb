"""``card``: a model's card, or the card of a project's data, as the hub reads it or as a page."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from engine.commands.common import options
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson
from engine.commands.common.texts import Out, give
from engine.commands.evaluation.reporting import refuse_without
from engine.knowledge.cards import data_card, model_card, reading
from storage.database.connection import Database
from storage.errors import InputError
from storage.runs import runs


class CardFormat(StrEnum):
    """A card is a page: nothing else reads it as JSON."""

    MARKDOWN = "markdown"
    HTML = "html"


CardForm = Annotated[CardFormat, typer.Option("--format", help="How it is written.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("card")(card)


def card(
    run: Annotated[int | None, typer.Option(help="The number of a finished run.")] = None,
    project: Annotated[str | None, typer.Option(help="A project's name: its data's card.")] = None,
    form: CardForm = CardFormat.MARKDOWN,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Print or write a model card (--run) or a data card (--project)."""
    if (run is None) == (project is None):
        raise InputError("Say --run for a model's card, or --project for the card of its data.")
    with opened() as db:
        text = _of_run(db, run, form) if run is not None else _of_data(db, project or "", form)
    named = {"run": run} if run is not None else {"project": project}
    payload = named if out else {**named, "format": str(form), "text": text}
    give(text, payload, form, out, as_json)


def _of_run(db: Database, number: int, form: str) -> str:
    run = runs.get_run(db, number)
    refuse_without(run)
    return model_card.FORMATS[form](reading.of_run(db, run))


def _of_data(db: Database, project: str, form: str) -> str:
    return data_card.FORMATS[form](reading.of_project(db, options.find(db, project)))
