"""What commands that write a text have in common: its format, its file, its answer."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.commands.common.files import write_whole
from engine.commands.common.terminal import answer


class Format(StrEnum):
    """What has been found out leaves as one of these."""

    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


Form = Annotated[Format, typer.Option("--format", help="How it is written.")]
Out = Annotated[Path | None, typer.Option(help="Write it into this file.")]


def give(
    text: str, payload: dict[str, Any], form: StrEnum, out: Path | None, as_json: bool
) -> None:
    """Print a text, or with ``out`` write it into that file; ``payload`` is the JSON answer."""
    if out:
        write_whole(out, [text.encode("utf-8", "replace")])
        answer({**payload, "format": str(form), "file": str(out)}, as_json, f"Wrote {out}.")
    else:
        answer(payload, as_json, text.removesuffix("\n"))
