"""``score``: the figures of a report from two files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.commands.common.terminal import AsJson, answer, mark
from engine.corpus import importing
from engine.tasks.spans.metrics import error_kinds, scoring, semeval
from engine.tasks.spans.metrics.error_kinds import Error
from storage.errors import InputError
from storage.types import Document


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("score")(score)


def score(
    gold: Annotated[Path, typer.Argument(metavar="GOLD.conll")],
    predicted: Annotated[Path, typer.Argument(metavar="PRED.conll")],
    check: Annotated[
        bool, typer.Option("--check", help="Let seqeval score them too, and print both.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Score predictions against gold labels."""
    right, guessed = _read(gold), _read(predicted)
    _check_same(gold, right, predicted, guessed)
    spans = [document.spans for document in guessed]
    matches = scoring.match_documents(right, spans)
    found = scoring.score_matches(right, spans, matches)
    errors = error_kinds.find_errors(matches)
    kinds, degrees = error_kinds.count_kinds(errors), semeval.score(right, spans)
    found["error_kinds"] = {**kinds, "errors": [_error(error) for error in errors]}
    found["semeval"] = degrees.to_dict()
    parts = [
        scoring.format_entity_report(found["entity"]),
        scoring.format_token_report(found["token"]),
        error_kinds.format_kinds(kinds),
        semeval.format_scores(degrees),
    ]
    if check:
        # It takes a second to load.
        from engine.tasks.spans.metrics import seqeval_check

        found["seqeval"] = seqeval_check.check(right, spans)
        parts += [seqeval_check.to_text(found["seqeval"])]
    answer(found, as_json, "\n\n".join(parts))


def _error(error: Error) -> dict:
    """Return what went wrong where; sentences are counted from 0."""
    return {
        "document": error.document,
        "kind": str(error.kind),
        "border": error.border and str(error.border),
        "gold": [mark(span) for span in error.gold],
        "predicted": [mark(span) for span in error.predicted],
    }


def _read(path: Path) -> list[Document]:
    plan = importing.plan([path], format="conll")
    plan.check()
    return list(plan.documents_to_add)


def _check_same(
    gold: Path, right: list[Document], predicted: Path, guessed: list[Document]
) -> None:
    """Refuse files whose tokens differ: their figures would mean nothing."""
    if len(right) != len(guessed):
        raise InputError(
            f"{gold.name} has {len(right)} sentences and {predicted.name} {len(guessed)}; "
            "score needs the same sentences in the same order."
        )
    for number, (one, other) in enumerate(zip(right, guessed, strict=True), start=1):
        if one.text != other.text or one.tokens != other.tokens:
            raise InputError(
                f"Sentence {number} of {gold.name} and {predicted.name} has different tokens; "
                "score needs the same sentences in the same order."
            )
