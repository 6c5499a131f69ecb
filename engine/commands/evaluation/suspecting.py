"""``suspects``: score every label of train with models that never saw it; list what is doubtful."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.commands.common import options
from engine.commands.common.following import follow, report_of
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer, note
from engine.configuration import recipes
from engine.configuration.bases import BUNDLED
from engine.inspection import label_check
from engine.runner import check_labels, folder_of
from engine.runs import suspects as frozen
from storage.database.connection import Database
from storage.journal import annotations as journal
from storage.types import Document, Project, Run, RunState

SHOWN, CONTEXT = 30, 30


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("suspects")(suspects)


def suspects(
    project: ProjectName,
    folds: Annotated[int, typer.Option(min=2, help="Parts that train is dealt into.")] = (
        recipes.FOLDS
    ),
    rounds: Annotated[
        int | None,
        typer.Option(
            min=1, help="Deal so often, other parts each time; else what five trainings take."
        ),
    ] = None,
    base: options.Base = BUNDLED,
    seed: options.Seed = None,
    device: options.Device = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads; 0: every core.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="List at most so many.")] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Train also where these labels were checked before.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List labels that are probably wrong or missing, by models that never saw them.

    Where the same labels were checked before in the same way, that run is shown again.
    """
    named = {"seed": seed, "device": device, "threads": threads}
    given = {name: value for name, value in named.items() if value is not None}
    with opened() as db:
        found = options.find(db, project)
        asked = label_check.Asked(base, folds, rounds or recipes.rounds_of(folds), given)
        run = None if fresh else label_check.same_before(db, found.id, asked)
        if run:
            note(f"{run.title} checked these very labels: it is shown again (--fresh trains anew).")
        else:
            options.tell_left_out(db, found)
            run = follow(db, check_labels(db, found.id, base, folds, asked.rounds, **given))
        payload = _results(db, run, limit)
        text = "" if as_json else _text(db, found, payload)
    answer(payload, as_json, text)


def results(run: Run) -> dict[str, Any]:
    """Return a finished label check: its figures, and every suspect in its order.

    Raises:
        TrainingError: the run failed or was cancelled.
    """
    report = report_of(run)
    names = ("run", "number", "state", "folder", "message", "documents", "folds", "rounds")
    rows = [each.to_json() for each in frozen.read(folder_of(run))]
    return {**{name: report[name] for name in names}, "likely": report["likely"], "suspects": rows}


def _results(db: Database, run: Run, limit: int | None) -> dict[str, Any]:
    """Return what is suspected now: what people have found right meanwhile is left out."""
    payload = results(run)
    if run.state is RunState.DONE:
        payload["suspects"] = [each.to_json() for each in label_check.open_suspects(db, run)]
    payload["suspects"] = payload["suspects"][:limit]
    return payload


def text(payload: dict[str, Any]) -> str:
    """Return how a label check ended, in its worker's words."""
    return payload["message"]


def _text(db: Database, project: Project, payload: dict[str, Any]) -> str:
    rows = payload["suspects"][:SHOWN]
    known = {each.id: each for each in journal.of_documents(db, {row["document"] for row in rows})}
    lines = [payload["message"], ""]
    lines += [_line(row, known[row["document"]]) for row in rows if row["document"] in known]
    more = len(payload["suspects"]) - len(rows)
    if more > 0:
        lines += ["", f"… and {more:,} less suspicious ones: --json lists all of them."]
    return "\n".join(lines)


def _line(row: dict[str, Any], document: Document) -> str:
    """Return two lines: the place between what is around it, and why it is suspected."""
    start, end, words = row["start"], row["end"], document.text
    before, here, after = words[max(0, start - CONTEXT) : start], words[start:end], words[end:]
    # A mark of all of a text has no words of its own.
    place = f"[{here}]" if here else ""
    wide = CONTEXT if here else (3 if document.second_text is None else 2) * CONTEXT
    second = f" ⟷ {(document.second_text or '')[:wide]}" if document.second_text else ""
    around = " ".join(f"{before}{place}{after[:wide]}{second}".split())
    mark = f"{row['given'] or '–'} → {row['suggested'] or '–'}"
    first = f"{row['score']:.3f}  {row['document']:>6}  {mark:<20}  {around}"
    return f"{first}\n{'':>15}{row['reason']}"
