"""``import`` and ``export``."""

from pathlib import Path
from typing import Annotated

import typer
from rich.status import Status as Spinner

from engine.commands.common.files import write_whole
from engine.commands.common.opening import opened
from engine.commands.common.terminal import (
    AsJson,
    ProjectName,
    answer,
    console,
    count,
    list_problems,
)
from engine.corpus import exporting, import_plan, importing
from engine.corpus.import_plan import FilePlan, ImportPlan
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.errors import NotFoundError
from storage.journal import annotations
from storage.types import Document, Project, Split, Status, Task

SHOWN = 200
# How this door gives the options that a problem's sentence leaves open.
ADVICE = {
    "skip_bad": "Or leave such rows out with --skip-bad.",
    "tag_column": "Choose others with --word-column and --tag-column.",
    "text_column": "Choose another one with --text-column.",
    "label_column": "Choose another one with --label-column.",
    "allow_duplicates": "See it with --dry-run; import it all the same with --allow-duplicates.",
}
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
    allow_duplicates: Annotated[
        bool, typer.Option("--allow-duplicates", help="Also where most texts are the same.")
    ] = False,
    word_column: Annotated[str, typer.Option(help="Of CoNLL: a name, or a number from 1.")] = "",
    tag_column: Annotated[str, typer.Option(help="Of CoNLL: a name, or a number from 1.")] = "",
    text_column: Annotated[str, typer.Option(help="Of a table: where the text is.")] = "",
    label_column: Annotated[str, typer.Option(help="Of a table: spans, as JSON.")] = "",
    split_column: Annotated[str, typer.Option(help="Of a table: train, dev or test.")] = "",
    by: Annotated[str, typer.Option(help="Of plain text: line or paragraph.")] = "line",
    as_json: AsJson = False,
) -> None:
    """Import files into a project, which is made if it is not there."""
    columns = {
        "word_column": word_column,
        "tag_column": tag_column,
        "text_column": text_column,
        "label_column": label_column,
        "split_column": split_column,
    }
    with opened() as db, Spinner("Reading", console=console):
        existing = projects.find_project(db, project)
        plan = importing.plan(
            files,
            format=format,
            split=split,
            skip_bad=skip_bad,
            options={"by": by, **columns},
            existing=documents.existing_texts(db, existing.id) if existing else set(),
            allow_overlaps=existing.allow_overlaps if existing else True,
            allow_duplicates=allow_duplicates,
            task=existing.task if existing else Task.SPANS,
        )
        plan = _carry_out(db, plan, existing, project, keep=not dry_run)
    list_problems(plan.problems, advice=ADVICE)
    payload = {"project": project, **plan.summary()}
    lines = [*map(_file_line, plan.files), _sentence(plan, project, dry_run)]
    if dry_run:
        payload["preview"] = [_as_record(document) for document in plan.preview]
        lines = [*map(_bracketed, plan.preview), *lines]
    answer(payload, as_json, "\n".join(lines))


def _carry_out(
    db: Database, plan: ImportPlan, existing: Project | None, name: str, *, keep: bool
) -> ImportPlan:
    """Import what was planned; without ``keep`` just as well, and take it back.

    Return the plan with what the database refused. Raises InputError where there is an error
    and no rehearsal.
    """
    if keep:
        plan.check(ADVICE)
    if not plan.documents:
        return plan
    intake = documents.bring_in(
        db,
        existing.id if existing else None,
        name,
        plan.documents_to_add,
        settings.annotator(db),
        allow_overlaps=plan.overlaps,
        skip_refused=plan.skip_bad,
        keep=keep,
    )
    plan = import_plan.with_refusals(plan, intake.refused)
    if keep:
        plan.check(ADVICE)
    return plan


def _file_line(file: FilePlan) -> str:
    """Say as what a file was read, and which of its columns as what."""
    columns = [f"{c.name} → {c.role}" for c in file.columns if c.role]
    read = f"{file.name}: {file.format or 'not read'}, {file.split}"
    return f"{read}; columns: {', '.join(columns)}" if columns else read


def _as_record(document: Document) -> dict:
    spans = [[span.start, span.end, span.label] for span in document.spans]
    return {"text": document.text, "spans": spans}


def _bracketed(document: Document) -> str:
    """Show a document on one line, its spans in brackets; of overlapping ones the first."""
    pieces, at = [], 0
    for span in sorted(document.spans):
        if span.start >= at:
            inner = document.text[span.start : span.end]
            pieces += [document.text[at : span.start], f"[{inner} {span.label}]"]
            at = span.end
    text = "".join([*pieces, document.text[at:]])
    line = "".join(each if each.isprintable() else " " for each in text)
    return "  " + (line if len(line) <= SHOWN else line[: SHOWN - 1] + "…")


def _sentence(plan: ImportPlan, project: str, dry_run: bool) -> str:
    if plan.refused:
        return f"Nothing would come into {project!r}: {count(len(plan.errors), 'error')}."
    verb = "would come into" if dry_run else "came into"
    labels = ", ".join(f"{name} {number:,}" for name, number in plan.labels.items())
    parts = [
        count(plan.documents, "document"),
        count(plan.tokens, "token"),
        count(plan.spans, "span"),
    ]
    return (
        f"{parts[0]}, {parts[1]} and {parts[2]} {verb} {project!r} "
        f"({labels or 'no labels'}; {count(plan.duplicates, 'duplicate')})."
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
    exported = exporting.export(found, format, task=chosen.task)
    write_whole(output, exported.chunks)
    list_problems(exported.problems)
    payload = {"project": project, "documents": len(found), "output": str(output)}
    answer(payload, as_json, f"{count(len(found), 'document')}, done → {output}")
