"""What the commands print: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Annotated

import typer
from rich.console import Console

from engine.formats.common.problems import sentence
from storage.types import Problem, Span

AsJson = Annotated[
    bool, typer.Option("--json", help="Print exactly one JSON object on standard output.")
]
ProjectName = Annotated[str, typer.Option("--project", help="The project's name.")]
RunNumber = Annotated[int, typer.Argument(help="The run's number.")]

console = Console(stderr=True)


def answer(payload: dict, as_json: bool, text: str) -> None:
    """Print the result: the object for machines, or the text for people."""
    print(_sayable(json.dumps(payload, ensure_ascii=False) if as_json else text))


def _sayable(text: str) -> str:
    """Mark what has no UTF-8: half a surrogate pair, as of a file's name in another encoding."""
    return text.encode("utf-8", "replace").decode("utf-8")


def fail(sentence: str, as_json: bool) -> None:
    """Say in one sentence what went wrong."""
    sentence = _sayable(" ".join(sentence.split()))
    if as_json:
        print(json.dumps({"error": sentence}, ensure_ascii=False))
    print(sentence, file=sys.stderr)


def note(sentence: str) -> None:
    """Say something beside the result."""
    print(" ".join(sentence.split()), file=sys.stderr)


def count(number: int, noun: str) -> str:
    """Say how many: ``count(1, "span")`` is "1 span"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def mark(span: Span | None) -> dict | None:
    """Return where a mark is and its label; None where there is none."""
    return None if span is None else {"start": span.start, "end": span.end, "label": span.label}


def list_problems(
    problems: Iterable[Problem], most: int = 20, advice: Mapping[str, str] | None = None
) -> None:
    """List problems on stderr, the first ones in full; ``advice`` says how options are given."""
    problems = list(problems)
    for problem in problems[:most]:
        print(f"{problem.severity}: {sentence(problem, advice)}", file=sys.stderr)
    if len(problems) > most:
        print(f"… and {len(problems) - most} more", file=sys.stderr)
