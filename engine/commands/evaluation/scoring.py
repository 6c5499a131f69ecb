"""``score``: the figures of a report from two files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine import tasks
from engine.commands.common.terminal import AsJson, answer
from engine.corpus import importing
from engine.tasks.base import Task
from storage.errors import InputError
from storage.types import Document
from storage.types import Task as Name


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("score")(score)


def score(
    gold: Annotated[Path, typer.Argument(metavar="GOLD")],
    predicted: Annotated[Path, typer.Argument(metavar="PREDICTED")],
    task: Annotated[
        str, typer.Option(help="What is labelled; of spans both files are CoNLL.")
    ] = Name.SPANS.value,
    multi: Annotated[bool, typer.Option("--multi", help="A text may have several labels.")] = False,
    text_column: Annotated[str, typer.Option(help="Where the text is, in both files.")] = "",
    second_column: Annotated[str, typer.Option(help="Where the second text of a pair is.")] = "",
    label_column: Annotated[str, typer.Option(help="Where the label is, in both files.")] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Let seqeval score spans too, and print both.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Score predictions against gold labels."""
    named = tasks.get(task)
    known = tasks.get(named.with_several) if multi and named.with_several else named
    names = {
        "text_column": text_column,
        "second_column": second_column,
        "label_column": label_column,
    }
    columns = {name: value for name, value in names.items() if value}
    right, guessed = (_read(path, known, columns) for path in (gold, predicted))
    _check_same(known, gold, right, predicted, guessed)
    found, parts = known.compare(right, [document.spans for document in guessed], check)
    answer(found, as_json, "\n\n".join(parts))


def _read(path: Path, task: Task, columns: dict[str, str]) -> list[Document]:
    # The words of spans are those of CoNLL; whole texts come in any format.
    format = "auto" if task.marks_whole else "conll"
    plan = importing.plan([path], format=format, options=columns, task=task.name)
    plan.check()
    return list(plan.documents_to_add)


def _check_same(
    task: Task, gold: Path, right: list[Document], predicted: Path, guessed: list[Document]
) -> None:
    """Refuse files whose texts differ: their figures would mean nothing."""
    noun = task.words.document
    if len(right) != len(guessed):
        raise InputError(
            f"{gold.name} has {len(right)} {noun}s and {predicted.name} {len(guessed)}; "
            f"score needs the same {noun}s in the same order."
        )
    what = "text" if task.marks_whole else "tokens"
    for number, (one, other) in enumerate(zip(right, guessed, strict=True), start=1):
        texts = [(d.text, d.second_text, d.tokens) for d in (one, other)]
        if texts[0] != texts[1]:
            raise InputError(
                f"{noun.capitalize()} {number} of {gold.name} and {predicted.name} has "
                f"{'another ' if task.marks_whole else 'different '}{what}; "
                f"score needs the same {noun}s in the same order."
            )
