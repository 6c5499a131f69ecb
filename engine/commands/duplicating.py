"""``duplicates``: documents of a project that are the same, or nearly."""

from __future__ import annotations

from dataclasses import asdict

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer, console, count
from engine.corpus.duplicates import Group
from engine.inspection import duplicates
from engine.inspection.duplicates import Duplicates
from storage.corpus import documents, projects
from storage.errors import NotFoundError

SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("duplicates")(find)


def find(project: ProjectName, as_json: AsJson = False) -> None:
    """Find documents that are the same or nearly, those in several splits first."""
    with opened() as db:
        chosen = projects.find_project(db, project)
        if chosen is None:
            raise NotFoundError(f"There is no project {project!r}.")
        total = documents.count_documents(db, chosen.id)
        columns = TextColumn("comparing"), BarColumn(), TimeRemainingColumn()
        with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
            shown = bar.add_task("", total=total or None)
            found = duplicates.of_project(
                db, chosen.id, lambda done: bar.update(shown, completed=done)
            )
    answer(asdict(found), as_json, _text(found))


def _text(found: Duplicates) -> str:
    said = (
        f"{count(found.documents, 'document')}: {count(found.total, 'group')} of duplicates, "
        f"{found.across:,} of them in several splits; {found.more:,} documents more than needed"
    )
    return "\n".join([said, *map(_line, found.groups[:SHOWN])])


def _line(group: Group) -> str:
    ids = ", ".join(map(str, group.members[:5])) + (", …" if group.size > 5 else "")
    return f"  {group.size:,} {group.alike} in {group.where}: documents {ids}"
