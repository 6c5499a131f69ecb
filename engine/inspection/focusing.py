"""A focus: the confusion of two labels that a project works on, in three steps, until it is done.

Its sentences are mended, the guideline settles the two labels, a run learns what is new. Where a
project stands with it outlives a page: it is a setting.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from engine.runner import again
from storage import branches
from storage.cells import MISSED, SPURIOUS, Cell
from storage.corpus import projects
from storage.corpus.projects import focus_key
from storage.database import settings
from storage.database.connection import Database
from storage.errors import NotFoundError
from storage.finding.selection import Order, Selection
from storage.runs import reports, runs, visits
from storage.types import Project, Run, Span

# So many sentences stand in the guideline's section, so many characters around their words.
EXAMPLES, AROUND = 5, 40


@dataclass(frozen=True, slots=True)
class Focus:
    """Two labels that are confused, in which report, and which steps are behind one."""

    run: int
    split: str
    gold: str
    predicted: str
    settled: bool = False
    """The guideline has a section about them."""
    next: int | None = None
    """The run that learns what was mended."""

    @property
    def cell(self) -> Cell:
        return Cell(self.run, self.split, self.gold, self.predicted)

    @property
    def title(self) -> str:
        return self.cell.title

    @property
    def queue(self) -> str:
        """Return what the address of the Tag page says."""
        return Selection(Order.FOCUS, cell=self.cell).name


def can(cell: Cell) -> bool:
    """Tell whether a part of a table is a confusion of two labels."""
    sides = {cell.gold, cell.predicted}
    named = not any(branches.stem(side) for side in sides)
    return len(sides) == 2 and named and not sides & {MISSED, SPURIOUS, ""} and not cell.only


def begin(db: Database, project_id: int, cell: Cell) -> Focus:
    """Let a project work on a confusion, in place of the one before."""
    focus = Focus(cell.run, cell.split, cell.gold, cell.predicted)
    return _put(db, project_id, focus)


def current(db: Database, project_id: int) -> Focus | None:
    """Return what a project works on; None where it is nothing, or its run was deleted."""
    found = settings.get(db, focus_key(project_id))
    focus = _read(found) if isinstance(found, dict) else None
    if focus is None:
        return None
    try:
        run = runs.get_run(db, focus.run)
    except NotFoundError:
        return None
    return focus if run.project_id == project_id else None


def finish(db: Database, project_id: int) -> None:
    """Let a project work on no confusion any more; what was done for it stays."""
    settings.put(db, focus_key(project_id), None)


def looked_at(db: Database, focus: Focus) -> tuple[int, int]:
    """Return how many places of the confusion somebody has looked at in the tagger, of how many."""
    return visits.count(db, focus.cell), reports.count_cell(db, focus.cell)


def section(db: Database, project: Project, focus: Focus) -> str:
    """Return a section for the guideline, in Markdown: both labels, and where they were confused.

    Texts and names are code there: nothing in them can be read as Markdown.
    """
    gold, predicted = map(_code, (focus.gold, focus.predicted))
    about = {label.name: label.description for label in project.labels}
    labels = [f"- {_code(n)}: {about.get(n) or '…'}" for n in (focus.gold, focus.predicted)]
    rows = reports.cell(db, focus.cell, limit=EXAMPLES).rows
    examples = [_example(row.text, row.match.gold) for row in rows if row.match.gold]
    parts = [
        f"## {gold} or {predicted}?",
        "\n".join(labels),
        f"Labelled {gold}, taken for {predicted} by the model:",
        "\n".join(examples),
        "When in doubt between the two: …",
    ]
    return "\n\n".join(parts) + "\n"


def settle(db: Database, project_id: int, focus: Focus, text: str) -> Focus:
    """Put a section behind the guideline; what stands there stays as it is."""
    projects.append_guideline(db, project_id, text)
    return _put(db, project_id, replace(focus, settled=True))


def train(db: Database, project_id: int, focus: Focus) -> Run:
    """Queue a run as the one of the report was, with the labels of now; raises as ``again``."""
    run = again(db, runs.get_run(db, focus.run))
    runs.set_note(db, run.id, f"Focus: {focus.title}")
    _put(db, project_id, replace(focus, next=run.id))
    return run


def next_run(db: Database, focus: Focus) -> Run | None:
    """Return the run that learns what was mended; None before, and where it was deleted."""
    if focus.next is None:
        return None
    try:
        return runs.get_run(db, focus.next)
    except NotFoundError:
        return None


def _put(db: Database, project_id: int, focus: Focus) -> Focus:
    settings.put(db, focus_key(project_id), asdict(focus))
    return focus


def _read(found: dict[str, Any]) -> Focus | None:
    try:
        return Focus(**found)
    except TypeError:
        # Another version's: what it meant is not known here.
        return None


def _example(text: str, span: Span) -> str:
    """Return a line of a list: the words, and what stands around them."""
    start, end = max(0, span.start - AROUND), min(len(text), span.end + AROUND)
    before, after = "…" if start else "", "…" if end < len(text) else ""
    around = f"{before}{text[start:end]}{after}"
    return f"- {_code(text[span.start : span.end])} in {_code(around)}"


def _code(text: str) -> str:
    """Return Markdown that shows a text as it is, on one line."""
    return f"`{' '.join(text.replace('`', 'ˋ').split()) or ' '}`"
