"""``guideline``: what a project's labels mean, with sentences that show it and all versions."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.commands.common import options
from engine.commands.common.files import write_whole
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer
from engine.knowledge import guiding
from engine.knowledge.guiding import FORMATS, Guideline
from storage.knowledge import guidelines

Format = StrEnum("Format", [(name.upper(), name) for name in FORMATS])  # type: ignore[misc]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("guideline")(guideline)


def guideline(
    project: ProjectName,
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.MARKDOWN,  # type: ignore[attr-defined]
    out: Annotated[Path | None, typer.Option(help="Write it into this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print or write a project's guideline: its labels, their examples, and every version."""
    with opened() as db:
        found = options.find(db, project)
        guide = Guideline(found.name, guidelines.history(db, found.id))
    text, payload = FORMATS[form](guide), guiding.payload(guide)
    if out:
        write_whole(out, [text.encode("utf-8", "replace")])
        answer({**payload, "format": str(form), "file": str(out)}, as_json, f"Wrote {out}.")
    else:
        answer(payload, as_json, text.removesuffix("\n"))
