"""``guideline``: what a project's labels mean, with sentences that show it and all versions."""

from __future__ import annotations

import typer

from engine.commands.common import options
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName
from engine.commands.common.texts import Form, Format, Out, give
from engine.knowledge import guiding
from engine.knowledge.guiding import FORMATS, Guideline
from storage.knowledge import guidelines


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("guideline")(guideline)


def guideline(
    project: ProjectName,
    form: Form = Format.MARKDOWN,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Print or write a project's guideline: its labels, their examples, and every version."""
    with opened() as db:
        found = options.find(db, project)
        guide = Guideline(found.name, guidelines.history(db, found.id))
    text, payload = FORMATS[form](guide), guiding.payload(guide)
    give(text, payload, form, out, as_json)
