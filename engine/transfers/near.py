"""Near-duplicates among what would come in, and between that and what a project has."""

from __future__ import annotations

from dataclasses import replace

from engine.corpus.duplicates import Group
from engine.corpus.import_plan import ImportPlan, Near
from engine.inspection import duplicates
from engine.transfers.state import Link, Phase, State
from storage.corpus import documents
from storage.database.connection import Database
from storage.types import Problem, Severity

LOOKING = "Looking for near-duplicates"
# Of a group so many others are named.
NAMED = 3


def look(db: Database, plan: ImportPlan, project: int | None, link: Link) -> ImportPlan:
    """Return a plan that says which of its texts are nearly the same; raises StoppedError."""
    there = documents.count_documents(db, project) if project is not None else 0
    total = plan.documents + there

    def tell(done: int) -> None:
        link.tell(State(Phase.READING, documents=done, of_documents=total, message=LOOKING))

    tell(0)
    found = duplicates.near_stage(db, project, plan.stage, tell)
    problems = tuple(_told(plan, group) for group in found.groups)
    return replace(plan, near=Near(found.total, found.across, problems))


def _told(plan: ImportPlan, group: Group) -> Problem:
    """Say of a group where its first text stands, and which others are in it."""
    # The lowest number is that of the last one in the files.
    staged = [-id for id in reversed(group.members) if id < 0]
    places = plan.stage.texts_of(staged)
    first, *others = (places[number][2] for number in staged)
    name = plan.files[first.file].name
    named = [
        f"line {place.line}"
        if place.file == first.file
        else f"{plan.files[place.file].name}, line {place.line}"
        for place in others[:NAMED]
    ]
    where = f", in {group.where}" if group.across else ""
    more = _more(group, len(staged) - 1 - len(named))
    message = f"{group.size:,} texts are {group.alike}{where}: this, {', '.join(named + more)}."
    return Problem(Severity.WARNING, name, first.line, message)


def _more(group: Group, here: int) -> list[str]:
    """Say how many others there are beside those that are named; ``here``: in the files."""
    if group.size > len(group.members):
        return [f"{group.size - 1 - NAMED:,} more, here or in the project"]
    there = sum(id > 0 for id in group.members)
    found = ((here, "more"), (there, "in the project"))
    return [f"{number:,} {where}" for number, where in found if number]
