"""``match``: which items of a catalogue answer a text."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.commands.common import options
from engine.commands.common.following import follow
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer, count, note
from engine.formats.common.sources import InputFile
from engine.retrieval import items
from engine.retrieval.items import Columns, Items
from engine.runner import catalogues, folder_of
from storage.database.connection import Database
from storage.errors import InputError, NotFoundError, TrainingError
from storage.types import Project, Run, RunState

if TYPE_CHECKING:
    from engine.inference.matcher import Answers

WIDTH = 76


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("match")(match)


def match(
    project: ProjectName,
    catalogue: Annotated[
        Path, typer.Option(help="CSV, TSV, JSONL, Parquet, or text with an item a line.")
    ],
    model: Annotated[
        int | None, typer.Option("--run", help="Whose model; else the newest one's.")
    ] = None,
    query: Annotated[str | None, typer.Option(help="One text.")] = None,
    queries: Annotated[Path | None, typer.Option(help="A file of texts, read likewise.")] = None,
    top: Annotated[int, typer.Option(min=1, max=1000, help="How many items for each text.")] = 10,
    diversify: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="0 the best, up to 1 what differs most (MMR).")
    ] = 0.0,
    threshold: Annotated[
        float | None, typer.Option(help="From which score on an answer is good; else dev says.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell the words that match, too.")
    ] = False,
    text_column: Annotated[str, typer.Option(help="Column of the catalogue's texts.")] = "",
    id_column: Annotated[str, typer.Option(help="Column of its ids.")] = "",
    title_column: Annotated[str, typer.Option(help="Column of its titles.")] = "",
    query_column: Annotated[str, typer.Option(help="Column of the texts to answer.")] = "",
    as_json: AsJson = False,
) -> None:
    """Find the items of a catalogue that answer a text, or many.

    The catalogue is read once for each model; the next time only the texts are.
    """
    if (query is None) == (queries is None):
        raise InputError("Say what to answer: either --query TEXT or --queries FILE.")
    wanted = Columns(text_column, id_column, title_column)
    found = items.read(_source(catalogue), wanted)
    _tell(found)
    texts = items.read_queries(_source(queries), query_column) if queries else [_text(query)]
    with opened() as db:
        own = options.find(db, project)
        catalogues.check(own)
        run = _made(db, catalogues.embed(db, own.id, found, _model(db, own, model)))
        folder, trained = folder_of(run), run.model_of
    # Here, not above: only this command needs torch, and loading it takes seconds.
    from engine.inference import matcher
    from engine.inference.matcher import Asked

    loaded = matcher.load(folder)
    asked = Asked(top, diversify, threshold, explain)
    answers = list(loaded.stream(texts, asked))
    least = loaded.threshold if threshold is None else threshold
    payload = {
        "queries": [_told(each) for each in answers],
        "run": trained,
        "items": len(found),
        "threshold": least,
        "index": loaded.described,
    }
    answer(payload, as_json, "\n\n".join(map(_table, answers)))


def _tell(found: Items) -> None:
    """Say what of a catalogue's file is left out, or would surprise."""
    for number, what in (
        (found.blank, "without a text left out"),
        (found.repeated, "with the text of another left out"),
        (found.same_id, "with the id of another: only the text tells them apart"),
    ):
        if number:
            note(f"{found.name}: {count(number, 'row')} {what}.")


def _source(path: Path) -> InputFile:
    try:
        return InputFile(path.name, path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from error


def _text(query: str | None) -> str:
    text = (query or "").strip()
    if not text:
        raise InputError("The text of --query is empty: say what to answer.")
    return text


def _model(db: Database, project: Project, model: int | None) -> Run | None:
    """Return whose model to ask; None where there is none yet, and the bundled encoder has to do.

    Raises NotFoundError, RefusedError for a run that is not of the project, or has no model.
    """
    try:
        return options.model_of(db, project, model)
    except NotFoundError:
        if model is not None:
            raise
    note(
        "This project has no trained model yet: the bundled encoder, which was never trained on "
        "it, finds what is like the text."
    )
    return None


def _made(db: Database, run: Run) -> Run:
    """Wait until a catalogue can be asked; raise TrainingError where that failed."""
    if run.state is not RunState.DONE:
        run = follow(db, run)
    if run.state is not RunState.DONE:
        raise TrainingError(f"{run.title} {run.state}: {run.message}")
    return run


def _told(found: Answers) -> dict[str, Any]:
    answers = [
        {name: value for name, value in asdict(each).items() if value not in ((), "")}
        for each in found.answers
    ]
    return {"query": found.query, "answers": answers, "good": found.good}


def _table(found: Answers) -> str:
    """Say one text's answers in a few lines, those that are good enough above the others."""
    lines = [f"“{_short(found.query)}”"]
    if not found.good:
        lines.append("  No good answer. The nearest are:")
    elif found.good < len(found.answers):
        lines.append(f"  {count(found.good, 'good answer')}, and what comes next:")
    for each in found.answers:
        lines.append(f"  {each.score:6.3f}  {each.id}  {_short(each.text)}")
    return "\n".join(lines)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
