"""``import``: files into a project, or what would come in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.status import Status as Spinner

from engine import tasks
from engine.commands.common.opening import opened
from engine.commands.common.putting import put_onto
from engine.commands.common.terminal import (
    AsJson,
    ProjectName,
    answer,
    console,
    count,
    list_problems,
)
from engine.corpus import importing
from engine.corpus.import_plan import FilePlan, ImportPlan
from engine.corpus.importing import Advance
from engine.formats import Shape
from engine.formats.common import offsets
from engine.transfers import undecided
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.errors import InputError
from storage.types import Document, Project, Split, Task

SHOWN = 200
# How this door gives the options that a problem's sentence leaves open.
ADVICE = {
    "encoding": "Choose it with --encoding.",
    "offsets": "Say with --offsets what they count.",
    "skip_bad": "Or leave such rows out with --skip-bad.",
    "tag_column": "Choose others with --word-column and --tag-column.",
    "text_column": "Choose another one with --text-column.",
    "second_column": "Choose another one with --second-column.",
    "label_column": "Choose another one with --label-column.",
    "label_separator": "Say what stands between labels with --label-separator.",
    "negatives": "Give their number with --negatives.",
    "whole": "For labels of whole texts make a project with --task classes.",
    "several": "For several labels a text make a project with --multi.",
    "allow_duplicates": "See it with --dry-run; import it all the same with --allow-duplicates.",
}
_PLACE = "a name, or a number from 1."


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("import")(import_files)


def _said(help: str) -> Any:
    return typer.Option(help=help)


def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    project: ProjectName,
    task: Annotated[str, _said("Of a new project: spans, classes or pairs.")] = "",
    multi: Annotated[bool, typer.Option("--multi", help="A text may have several labels.")] = False,
    split: Annotated[Split | None, _said("Else from the file names.")] = None,
    format: Annotated[str, _said("auto, or a name: a wrong one lists those there are.")] = "auto",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show, import nothing.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Drop the listed rows.")] = False,
    allow_duplicates: Annotated[
        bool, typer.Option("--allow-duplicates", help="Also where most texts are the same.")
    ] = False,
    word_column: Annotated[str, _said(f"Of CoNLL: {_PLACE}")] = "",
    tag_column: Annotated[str, _said(f"Of CoNLL: {_PLACE}")] = "",
    text_column: Annotated[str, _said(f"Where the text is: {_PLACE}")] = "",
    second_column: Annotated[str, _said("Where the second text of a pair is.")] = "",
    label_column: Annotated[
        str, _said("Where the label is, or spans as JSON; of --multi several, with commas.")
    ] = "",
    label_separator: Annotated[str, _said("Between the labels of a cell, of --multi.")] = "",
    group_column: Annotated[str, _said("What stays together in splits.")] = "",
    date_column: Annotated[str, _said("When the text was written.")] = "",
    id_column: Annotated[str, _said("What the text is called.")] = "",
    split_column: Annotated[str, _said("Where train, dev or test stands.")] = "",
    negatives: Annotated[
        int, _said("For each pair that fits so many that nobody chose, half of them look-alikes.")
    ] = 0,
    seed: Annotated[int, _said("Draws the negatives.")] = 13,
    by: Annotated[str, _said("Of plain text: line or paragraph.")] = "line",
    encoding: Annotated[str, _said("Else UTF-8, or what the bytes tell: gb18030, cp1252 …")] = "",
    unit: Annotated[
        str, typer.Option("--offsets", help=f"What spans count: {', '.join(offsets.OPTIONS)}.")
    ] = "",
    onto: Annotated[
        str, _said("id or text: put the labels onto documents that are there; undo takes it back.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Import files into a project, which is made if it is not there."""
    columns = {
        "word_column": word_column,
        "tag_column": tag_column,
        "text_column": text_column,
        "second_column": second_column,
        "label_column": label_column,
        "label_separator": label_separator,
        "group_column": group_column,
        "date_column": date_column,
        "id_column": id_column,
        "split_column": split_column,
        "encoding": encoding,
        "offsets": unit,
    }
    with opened() as db, Spinner("Reading", console=console) as spinner:
        existing = projects.find_project(db, project)
        kind = _task(existing, task, multi)
        plan = importing.plan(
            files,
            format=format,
            split=split,
            skip_bad=skip_bad,
            options={"by": by, **columns},
            known=documents.known_texts(db, existing.id) if existing and not onto else None,
            allow_overlaps=existing.allow_overlaps if existing else True,
            allow_duplicates=allow_duplicates or bool(onto),
            task=kind,
            negatives=negatives,
            seed=seed,
            progress=lambda at: spinner.update(_read(at)),
        )
        if onto:
            put_onto(db, existing, plan, onto, ADVICE, keep=not dry_run, as_json=as_json)
            return
        plan = undecided.look(db, plan, existing.id if existing else None)
        target = documents.Target(
            existing.id if existing else None, project, settings.annotator(db)
        )
        _carry_out(db, plan, target, spinner, keep=not dry_run)
    list_problems(plan.problems, advice=ADVICE)
    payload = {"project": project, **plan.summary()}
    lines = [*map(_file_line, plan.files), _sentence(plan, project, dry_run)]
    if dry_run:
        payload["preview"] = [_as_record(document, plan.shape) for document in plan.preview]
        lines = [*map(_bracketed, plan.preview), *lines]
    answer(payload, as_json, "\n".join(lines))


def _task(existing: Project | None, asked: str, multi: bool) -> str:
    """Return the task of the project, or of the new one; raise InputError where they differ."""
    name = asked or (existing.task if existing else Task.SPANS.value)
    if multi:
        several = tasks.get(name).with_several
        if not several:
            raise InputError(f"With --task {name} there is one label: leave --multi out.")
        name = several
    if existing and existing.task != tasks.get(name).name:
        is_, wants = (tasks.get(each).title for each in (existing.task, name))
        raise InputError(
            f'The project "{existing.name}" is for something else ({is_}) than what is asked for '
            f"({wants}): choose another project, or leave out --task and --multi."
        )
    return name


def _carry_out(
    db: Database, plan: ImportPlan, target: documents.Target, spinner: Spinner, *, keep: bool
) -> None:
    """Import what was planned, or only see that it could be; raise InputError where it cannot."""
    if keep:
        plan.check(ADVICE)
    if not plan.documents:
        return
    if not keep:
        documents.rehearse(db, target, plan.stage)
        return
    many = count(plan.documents, "document")
    documents.bring_in(
        db, target, plan.stage, lambda done: spinner.update(f"Importing {done:,} of {many}")
    )


def _read(at: Advance) -> str:
    return f"Reading: {count(at.documents, 'document')}, {100 * at.bytes // max(at.of, 1)} %"


def _file_line(file: FilePlan) -> str:
    """Say as what a file was read, and which of its columns as what."""
    columns = [f"{c.name} → {c.role}" for c in file.columns if c.role]
    read = f"{file.name}: {file.format or 'not read'}, {file.split}"
    return f"{read}; columns: {', '.join(columns)}" if columns else read


def _as_record(document: Document, shape: Shape) -> dict[str, Any]:
    if shape.whole:
        second = {"second_text": document.second_text} if shape.second else {}
        return {"text": document.text, **second, "labels": [s.label for s in document.spans]}
    spans = [[span.start, span.end, span.label] for span in document.spans]
    return {"text": document.text, "spans": spans}


def _bracketed(document: Document) -> str:
    """Show a document on one line, its spans in brackets; of overlapping ones the first."""
    pieces, at = [f"[{span.label}] " for span in document.spans if span.whole], 0
    for span in sorted(document.spans):
        if span.start >= at and not span.whole:
            inner = document.text[span.start : span.end]
            pieces += [document.text[at : span.start], f"[{inner} {span.label}]"]
            at = span.end
    second = [] if document.second_text is None else [f" | {document.second_text}"]
    text = "".join([*pieces, document.text[at:], *second])
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
        count(plan.spans, "label" if plan.shape.whole else "span"),
    ]
    return (
        f"{parts[0]}, {parts[1]} and {parts[2]} {verb} {project!r} "
        f"({labels or 'no labels'}; {count(plan.duplicates, 'duplicate')}{_made(plan)})."
    )


def _made(plan: ImportPlan) -> str:
    if not plan.sampled + plan.mined:
        return ""
    return f"; nobody chose {plan.sampled:,} sampled and {plan.mined:,} mined pairs"
