"""``import`` and ``export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.status import Status as Spinner

from engine import exporting, importing
from engine.commands.files import write_whole
from engine.commands.opening import opened
from engine.commands.terminal import AsJson, ProjectName, answer, console, list_problems
from storage import annotations, documents, projects, settings
from storage.errors import NotFoundError
from storage.types import Split, Status

Format = Annotated[str, typer.Option(help="auto, conll, doccano, prodigy, csv or text.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("import")(import_files)
    app.command("export")(export_project)


def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    project: ProjectName,
    split: Annotated[Split | None, typer.Option(help="Else from the file names.")] = None,
    format: Format = "auto",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show, import nothing.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Drop the listed rows.")] = False,
    text_column: Annotated[str, typer.Option(help="Of a table: where the text is.")] = "",
    split_column: Annotated[str, typer.Option(help="Of a table: train, dev or test.")] = "",
    by: Annotated[str, typer.Option(help="Of plain text: line or paragraph.")] = "line",
    as_json: AsJson = False,
) -> None:
    """Import files into a project, which is made if it is not there."""
    with opened() as db, Spinner("Reading", console=console):
        existing = projects.find_project(db, project)
        options = {"text_column": text_column, "split_column": split_column, "by": by}
        plan = importing.plan(
            files,
            format=format,
            split=split,
            skip_bad=skip_bad,
            options={key: value for key, value in options.items() if value},
            existing=documents.existing_texts(db, existing.id) if existing else set(),
            allow_overlaps=existing.allow_overlaps if existing else True,
        )
        if not dry_run:
            plan.check()
            documents.bring_in(
                db,
                existing.id if existing else None,
                project,
                plan.documents_to_add,
                settings.annotator(db),
                allow_overlaps=plan.overlaps,
            )
    list_problems(plan.problems)
    payload = {"project": project, **plan.summary()}
    answer(payload, as_json, _sentence(payload, dry_run))


def _sentence(payload: dict, dry_run: bool) -> str:
    verb = "would come into" if dry_run else "came into"
    labels = ", ".join(f"{name} {count:,}" for name, count in payload["labels"].items())
    return (
        f"{payload['documents']:,} documents, {payload['tokens']:,} tokens and "
        f"{payload['spans']:,} spans {verb} {payload['project']!r}"
        f" ({labels or 'no labels'}; {payload['duplicates']:,} duplicates)."
    )


def export_project(
    project: ProjectName,
    output: Annotated[Path, typer.Argument(metavar="OUTPUT")],
    format: Annotated[str, typer.Option(help="conll or doccano.")] = "conll",
    split: Annotated[Split | None, typer.Option(help="Only this split.")] = None,
    as_json: AsJson = False,
) -> None:
    """Export the documents that are done, with their newest labels."""
    with opened() as db:
        chosen = projects.find_project(db, project)
        if chosen is None:
            raise NotFoundError(f"There is no project {project!r}.")
        found = list(annotations.current(db, chosen.id, split=split, statuses=(Status.DONE,)))
    exported = exporting.export(found, format)
    write_whole(output, exported.chunks)
    list_problems(exported.problems)
    payload = {"project": project, "documents": len(found), "output": str(output)}
    answer(payload, as_json, f"{len(found):,} documents that are done → {output}")
