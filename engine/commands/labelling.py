"""``labels``: a project's labels from a tool's list of them, and as such a list."""

from pathlib import Path
from typing import Annotated

import typer

from engine import tasks
from engine.commands.common.files import write_whole
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer, count
from engine.formats import InputFile, Shape, label_lists
from storage.corpus import projects
from storage.errors import InputError, NotFoundError


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("labels")(labels)


def labels(
    project: ProjectName,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="A list to add: Label Studio's configuration, doccano's labels, annotation.conf, "
            "or a name a line."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the labels: .xml, .json or .txt.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add labels with their colours and keys from a file, or write a project's labels to one."""
    with opened() as db:
        chosen = projects.find_project(db, project)
        if chosen is None:
            raise NotFoundError(f"There is no project {project!r}.")
        found = label_lists.read(_source(file)) if file else ()
        known = {label.name for label in projects.list_labels(db, chosen.id)}
        projects.add_listed(db, chosen.id, found)
        now = projects.list_labels(db, chosen.id)
        if out:
            shape = Shape.of(tasks.get(chosen.task))
            written = label_lists.write(now, _layout(out), shape.whole, shape.several)
            write_whole(out, iter([written.encode("utf-8")]))
    names = [label.name for label in now]
    added = [name for name in names if name not in known]
    payload: dict[str, object] = {"project": project, "labels": names, "added": added}
    said = f"{count(len(names), 'label')}, {len(added):,} of them new"
    answer(payload, as_json, f"{said} → {out}" if out else "\n".join([said, *names]))


def _source(file: Path) -> InputFile:
    if not file.is_file():
        raise InputError(f"{file}: there is no such file; check its name.")
    return InputFile(file.name, file)


def _layout(out: Path) -> str:
    ends = {end: layout for layout, end in label_lists.LAYOUTS.items()}
    if out.suffix.lower() not in ends:
        raise InputError(f"{out}: name the output {' or '.join(ends)}.")
    return ends[out.suffix.lower()]
